using System.Buffers;
using System.Text;
using CodexWeb.Data;
using Microsoft.Extensions.Caching.Memory;

namespace CodexWeb.Review;

/// <summary>Where the lines of an output begin, every so many lines: enough to read any line of a hundred megabytes at once.</summary>
internal sealed class OutputIndex
{
    /// <summary>Lines given at once, at most.</summary>
    public const int MostLines = 1_000;

    /// <summary>Characters of a line that are given, at most.</summary>
    public const int LongestLine = 5_000;

    private const int Stride = 200;

    private readonly List<long> _starts = [0];
    private readonly Lock _scanning = new();
    private long _feeds;
    private bool _endsInLine;

    /// <summary>Lines seen so far; a last one without a line feed counts.</summary>
    public long Lines => _feeds + (_endsInLine ? 1 : 0);

    /// <summary>Bytes seen so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Looks at what was added since the last time. Readers of one output wait for each other: a hundred megabytes take a tenth of a second, once.</summary>
    public void Scan(Stream output)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            lock (_scanning)
            {
                output.Position = Bytes;
                int count;
                while ((count = output.Read(buffer)) > 0)
                {
                    Take(buffer.AsSpan(0, count));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Some lines, without their line feeds.</summary>
    /// <param name="from">0 for the first.</param>
    public async Task<IReadOnlyList<string>> ReadAsync(Stream output, long from, int count, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        long to;
        lock (_scanning)
        {
            if (from < 0 || from >= Lines)
            {
                return lines;
            }

            output.Position = _starts[(int)(from / Stride)];
            to = Math.Min(Lines, from + Math.Clamp(count, 0, MostLines));
        }

        var number = from / Stride * Stride;
        await foreach (var line in OutputLines.ReadAsync(output, LongestLine, cancellationToken))
        {
            if (number >= to)
            {
                break;
            }

            if (number++ >= from)
            {
                lines.Add(line);
            }
        }

        return lines;
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        var offset = 0;
        while (bytes[offset..].IndexOf((byte)'\n') is >= 0 and var feed)
        {
            offset += feed + 1;
            if (++_feeds % Stride == 0)
            {
                _starts.Add(Bytes + offset);
            }

            if (offset == bytes.Length)
            {
                break;
            }
        }

        Bytes += bytes.Length;
        _endsInLine = offset < bytes.Length;
    }
}

/// <summary>Keeps the indexes of outputs that are being read.</summary>
internal sealed class OutputIndexes : IDisposable
{
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = 500 });

    /// <summary>The index of an output, as far as the output has come.</summary>
    public OutputIndex Of(AttemptId attempt, string item, Stream output)
    {
        var index = _cache.GetOrCreate((attempt, item), static entry =>
        {
            entry.Size = 1;
            entry.SlidingExpiration = TimeSpan.FromMinutes(10);
            return new OutputIndex();
        })!;
        index.Scan(output);
        return index;
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();
}

/// <summary>Reads lines of which only the beginning is kept, so that one line of many megabytes does no harm.</summary>
internal static class OutputLines
{
    public static async IAsyncEnumerable<string> ReadAsync(Stream output, int longest, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        var buffer = new byte[64 * 1024];
        var leftOut = 0L;
        int count;
        while ((count = await output.ReadAsync(buffer, cancellationToken)) > 0)
        {
            for (var start = 0; start < count;)
            {
                var feed = Array.IndexOf(buffer, (byte)'\n', start, count - start);
                var end = feed < 0 ? count : feed;
                var room = Math.Min(end - start, (longest * 4) - line.Count);
                line.AddRange(buffer.AsSpan(start, room));
                leftOut += end - start - room;
                start = end;
                if (feed >= 0)
                {
                    yield return Text(line, longest, leftOut);
                    line.Clear();
                    leftOut = 0;
                    start++;
                }
            }
        }

        if (line.Count > 0)
        {
            yield return Text(line, longest, leftOut);
        }
    }

    private static string Text(List<byte> line, int longest, long leftOut)
    {
        var text = Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(line));
        if (text.Length <= longest && leftOut == 0)
        {
            return text;
        }

        var kept = text[..Math.Min(longest, text.Length)];
        var bytes = leftOut + line.Count - Encoding.UTF8.GetByteCount(kept);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{kept} … {bytes:N0} more bytes in this line");
    }
}
