using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace CodexWeb.Agent.Tools;

/// <summary>
/// Reads the text of a patch. Strict where a guess could change the wrong lines, lenient where models are known to be sloppy:
/// outer white space, white space around markers, a here-document around the patch, carriage returns at line ends, a first chunk without <c>@@</c>.
/// </summary>
public sealed class PatchParser
{
    /// <summary>The longest patch that is read, in UTF-16 code units.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    /// <summary>The most hunks a patch may have.</summary>
    public const int MaxHunks = 5_000;

    private const string Begin = "*** Begin Patch";
    private const string End = "*** End Patch";
    private const string AddFile = "*** Add File:";
    private const string DeleteFile = "*** Delete File:";
    private const string UpdateFile = "*** Update File:";
    private const string MoveTo = "*** Move to:";
    private const string EndOfFile = "*** End of File";
    private const string Headers = "'*** Add File: PATH', '*** Delete File: PATH' or '*** Update File: PATH'";

    // Without the begin and end markers.
    private readonly ReadOnlyMemory<string> _lines;
    private int _next;

    private PatchParser(ReadOnlyMemory<string> lines) => _lines = lines;

    private bool HasNext => _next < _lines.Length;

    private string Current => _lines.Span[_next];

    // A line that begins with a blank is context inside an update, so a marker there may only have blanks after it.
    private string Marker => Current.TrimEnd();

    private int LineNumber => _next + 2;

    /// <summary>Reads a patch.</summary>
    /// <exception cref="PatchException">The text is not a patch; the message names the line and what was expected there.</exception>
    public static Patch Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength)
        {
            throw new PatchException($"The patch is longer than {MaxLength:N0} characters. Split it into several.");
        }

        if (!IsWellFormed(text))
        {
            throw new PatchException("The patch holds half of a surrogate pair, so it is not valid Unicode text.");
        }

        return new PatchParser(Body(Unwrap(Lines(text)))).ReadPatch();
    }

    private static bool IsWellFormed(string text)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetByteCount(text) >= 0;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    private static ReadOnlyMemory<string> Lines(string text)
    {
        var lines = text.TrimStart('\uFEFF').Trim().Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].EndsWith('\r'))
            {
                lines[i] = lines[i][..^1];
            }
        }

        return lines;
    }

    // Some models write the patch the way a shell would be given it.
    private static ReadOnlyMemory<string> Unwrap(ReadOnlyMemory<string> lines)
    {
        var span = lines.Span;
        if (span.Length < 4 || span[0].TrimEnd() is not ("<<EOF" or "<<'EOF'" or "<<\"EOF\"") || span[^1].Trim() is not "EOF")
        {
            return lines;
        }

        var (first, last) = (1, span.Length - 2);
        while (first < last && string.IsNullOrWhiteSpace(span[first]))
        {
            first++;
        }

        while (last > first && string.IsNullOrWhiteSpace(span[last]))
        {
            last--;
        }

        return lines[first..(last + 1)];
    }

    private static ReadOnlyMemory<string> Body(ReadOnlyMemory<string> lines)
    {
        var span = lines.Span;
        if (span[0].Trim() is not Begin)
        {
            throw new PatchException($"The first line of a patch is '{Begin}', but this text begins with '{PatchReport.Show(span[0])}'. Give the patch alone, without text or code fences around it.");
        }

        if (span.Length > 1 && span[^1].Trim() is End)
        {
            return lines[1..^1];
        }

        for (var i = 1; i < span.Length; i++)
        {
            if (span[i].TrimEnd() is End)
            {
                throw TextAfterEnd(i + 2);
            }
        }

        throw new PatchException($"The last line of a patch is '{End}', but this text ends with '{PatchReport.Show(span[^1])}'.");
    }

    private Patch ReadPatch()
    {
        var hunks = new List<PatchHunk>();
        while (HasNext)
        {
            if (hunks.Count == MaxHunks)
            {
                throw new PatchException($"The patch has more than {MaxHunks:N0} hunks. Split it into several.");
            }

            hunks.Add(ReadHunk());
        }

        return hunks.Count > 0 ? new Patch(hunks) : throw new PatchException($"The patch has no hunk: between '{Begin}' and '{End}' there must be {Headers}.");
    }

    private PatchHunk ReadHunk()
    {
        var (header, line) = (Current.Trim(), LineNumber);
        if (TryPath(header, AddFile, out var path))
        {
            return ReadAdd(path, line);
        }

        if (TryPath(header, DeleteFile, out path))
        {
            _next++;
            return new PatchHunk.Delete(path, line);
        }

        if (TryPath(header, UpdateFile, out path))
        {
            return ReadUpdate(path, line);
        }

        throw header is End ? TextAfterEnd(line + 1) : Unexpected($"a hunk begins with {Headers}");
    }

    private PatchHunk.Add ReadAdd(string path, int line)
    {
        _next++;
        var lines = new List<string>();
        while (HasNext && Current.StartsWith('+'))
        {
            lines.Add(Current[1..]);
            _next++;
        }

        return !HasNext || IsHeader(Current.Trim())
            ? new PatchHunk.Add(path, line, lines)
            : throw Unexpected("every line of an added file begins with '+', an empty one too");
    }

    private PatchHunk.Update ReadUpdate(string path, int line)
    {
        _next++;
        string? movedTo = null;
        if (HasNext && TryPath(Marker, MoveTo, out var target))
        {
            movedTo = target;
            _next++;
        }

        var chunks = new List<PatchChunk>();
        var closed = false;
        while (HasNext && !IsHeader(closed ? Current.Trim() : Marker))
        {
            if (closed && string.IsNullOrWhiteSpace(Current))
            {
                _next++;
                continue;
            }

            if (closed && !IsContext(Marker))
            {
                throw Unexpected($"after '{EndOfFile}' a chunk begins with '@@'");
            }

            chunks.Add(ReadChunk());
            closed = chunks[^1].AtEnd;
        }

        return chunks.Count > 0
            ? new PatchHunk.Update(path, line, movedTo, chunks)
            : throw new PatchException($"Line {line} of the patch: the update of {PatchReport.Show(path)} has no lines. Give at least one line that begins with ' ', '+' or '-'.");
    }

    private PatchChunk ReadChunk()
    {
        var start = LineNumber;
        var contexts = new List<string>();
        while (HasNext && IsContext(Marker))
        {
            if (Marker.Length > 2)
            {
                contexts.Add(Current[3..]);
            }

            _next++;
        }

        var lines = new List<PatchLine>();
        while (HasNext && TryLine(Current, out var line))
        {
            lines.Add(line);
            _next++;
        }

        if (HasNext && !IsHeader(Marker) && !IsContext(Marker) && Marker is not EndOfFile)
        {
            throw Unexpected("a line of an update begins with ' ' (stays), '+' (put in) or '-' (taken out), a chunk with '@@' alone or '@@ ' and a line of the file");
        }

        if (lines.Count == 0)
        {
            throw new PatchException($"Line {start} of the patch: the chunk has no lines. Give at least one line that begins with ' ', '+' or '-'.");
        }

        var atEnd = HasNext && Marker is EndOfFile;
        if (atEnd)
        {
            _next++;
        }

        return new PatchChunk(start, contexts, lines, atEnd);
    }

    private static bool TryLine(string text, out PatchLine line)
    {
        PatchLineKind? kind = text switch
        {
            [] or [' ', ..] => PatchLineKind.Context,
            ['+', ..] => PatchLineKind.Add,
            ['-', ..] => PatchLineKind.Remove,
            _ => null,
        };
        line = kind is { } known ? new PatchLine(known, text.Length > 0 ? text[1..] : "") : default;
        return kind is not null;
    }

    private static bool IsContext(string marker) => marker is "@@" || marker.StartsWith("@@ ", StringComparison.Ordinal);

    private static bool IsHeader(string marker) =>
        marker is End || Starts(marker, AddFile) || Starts(marker, DeleteFile) || Starts(marker, UpdateFile);

    private static bool Starts(string marker, string prefix) =>
        marker.StartsWith(prefix, StringComparison.Ordinal) && (marker.Length == prefix.Length || marker[prefix.Length] is ' ');

    private bool TryPath(string marker, string prefix, [NotNullWhen(true)] out string? path)
    {
        path = null;
        if (!Starts(marker, prefix))
        {
            return false;
        }

        path = marker[prefix.Length..].Trim();
        return path.Length > 0 ? true : throw new PatchException($"Line {LineNumber} of the patch: '{prefix}' names no file.");
    }

    private PatchException Unexpected(string expected) =>
        new($"Line {LineNumber} of the patch, '{PatchReport.Show(Current)}': {expected}.");

    private static PatchException TextAfterEnd(int line) =>
        new($"Line {line} of the patch: there is text after '{End}'. Give one patch alone.");
}
