using System.Globalization;
using System.Text;

namespace CodexWeb.Agent.Tools;

/// <summary>What is kept of an output of any length.</summary>
/// <param name="Head">Its first bytes; all of them when nothing is left out.</param>
/// <param name="Tail">Its last bytes; empty when nothing is left out.</param>
/// <param name="TotalBytes">Bytes of the whole.</param>
/// <param name="TotalLines">Lines of the whole; a last one without a line break counts.</param>
public sealed record KeptOutput(ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Tail, long TotalBytes, long TotalLines)
{
    /// <summary>An output that is kept whole.</summary>
    public static KeptOutput Whole(ReadOnlyMemory<byte> bytes)
    {
        var lines = bytes.Span.Count((byte)'\n') + (bytes.Span is [.., not (byte)'\n'] ? 1 : 0);
        return new KeptOutput(bytes, default, bytes.Length, lines);
    }
}

/// <summary>Cuts output to what the model is given of it: head and tail, with the number of tokens between them that were left out.</summary>
public static class OutputBudget
{
    /// <summary>Bytes that count as one token.</summary>
    public const int BytesPerToken = 4;

    // Takes the longest mark: "…", a number of 19 digits, " tokens truncated…".
    private const int MarkBytes = 48;

    /// <summary>The text of an output, in at most <paramref name="maxTokens"/> tokens, the mark among them. Bytes that are no UTF-8 become U+FFFD, NUL becomes U+2400.</summary>
    /// <param name="maxTokens">Less than 12 leaves the mark alone.</param>
    public static string Cut(KeptOutput output, int maxTokens)
    {
        ArgumentNullException.ThrowIfNull(output);
        var budget = (long)maxTokens * BytesPerToken;
        var whole = output.TotalBytes == output.Head.Length;
        if (whole && output.TotalBytes <= budget && Utf8Text.Decode(output.Head.Span) is var text && Encoding.UTF8.GetByteCount(text) <= budget)
        {
            return text;
        }

        var room = Math.Max(0, budget - MarkBytes);

        // Where bytes are left out already, the characters at the gap are only parts.
        var (head, headBytes) = First(whole ? output.Head.Span : output.Head.Span[..Utf8Text.CompleteLength(output.Head.Span)], room / 2);
        var (tail, tailBytes) = Last(whole ? output.Head.Span[headBytes..] : output.Tail.Span[Utf8Text.FirstStart(output.Tail.Span)..], room - (room / 2));
        var tokens = (output.TotalBytes - headBytes - tailBytes + BytesPerToken - 1) / BytesPerToken;
        return string.Create(CultureInfo.InvariantCulture, $"{head}…{tokens} tokens truncated…{tail}");
    }

    // Both count what the text will take, not the bytes it stands for: a byte that is no UTF-8 takes three.
    private static (string Text, int Bytes) First(ReadOnlySpan<byte> bytes, long room)
    {
        var end = 0;
        while (end < bytes.Length)
        {
            var status = Rune.DecodeFromUtf8(bytes[end..], out var rune, out var consumed);
            room -= Cost(status, rune);
            if (room < 0)
            {
                break;
            }

            end += consumed;
        }

        return (Utf8Text.Decode(bytes[..end]), end);
    }

    private static (string Text, int Bytes) Last(ReadOnlySpan<byte> bytes, long room)
    {
        var start = bytes.Length;
        while (start > 0)
        {
            var status = Rune.DecodeLastFromUtf8(bytes[..start], out var rune, out var consumed);
            room -= Cost(status, rune);
            if (room < 0)
            {
                break;
            }

            start -= consumed;
        }

        return (Utf8Text.Decode(bytes[start..]), bytes.Length - start);
    }

    private static int Cost(System.Buffers.OperationStatus status, Rune rune) =>
        status is not System.Buffers.OperationStatus.Done || rune.Value == 0 ? 3 : rune.Utf8SequenceLength;
}
