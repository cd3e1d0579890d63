using System.Buffers.Text;
using System.Text;

namespace CodexWeb.Review;

/// <summary>
/// Reads Git's patch format as it streams by, in memory bounded by <see cref="DiffLimits"/>. It takes any bytes: what it does not understand it passes over.
/// The format: <see href="https://git-scm.com/docs/diff-format#generate_patch_text_with_p"/>.
/// </summary>
public sealed class DiffParser(DiffLimits limits)
{
    // A header line holds two paths of at most 4,096 bytes, each of which may be written as an octal escape of four characters.
    private const int LongestHeader = 40_000;

    private readonly byte[] _line = new byte[Math.Max(LongestHeader, limits.LineCharacters * 4)];
    private readonly List<DiffFile> _files = [];
    private DiffFileBuilder? _file;
    private int _kept;
    private long _length;
    private long _retained;
    private int _leftOut;
    private int _added;
    private int _removed;

    /// <summary>A parser with the default limits.</summary>
    public DiffParser()
        : this(new DiffLimits())
    {
    }

    /// <summary>The change written in a patch that is in memory already.</summary>
    public static Diff Parse(ReadOnlySpan<byte> patch)
    {
        var parser = new DiffParser();
        parser.Append(patch);
        return parser.Finish();
    }

    /// <summary>Takes the next bytes of the patch; lines may be cut anywhere between two calls.</summary>
    public void Append(ReadOnlySpan<byte> patch)
    {
        while (!patch.IsEmpty)
        {
            var end = patch.IndexOf((byte)'\n');
            var part = end < 0 ? patch : patch[..end];
            var room = Math.Min(part.Length, _line.Length - _kept);
            part[..room].CopyTo(_line.AsSpan(_kept));
            _kept += room;
            _length += part.Length;
            if (end < 0)
            {
                return;
            }

            TakeLine();
            patch = patch[(end + 1)..];
        }
    }

    /// <summary>The change, once all of the patch was taken.</summary>
    public Diff Finish()
    {
        if (_length > 0)
        {
            TakeLine();
        }

        EndFile();
        return new Diff(_files.ToArray(), _leftOut, _added, _removed) { RetainedBytes = _retained };
    }

    private void TakeLine()
    {
        var line = new PatchLine(_line.AsSpan(0, _kept), _length);
        (_kept, _length) = (0, 0);
        // No line of a hunk begins with a "d", so a hunk that was cut short does not hide the next file.
        if (line.TryHeader("diff --git "u8, out var names))
        {
            EndFile();
            _file = new DiffFileBuilder(PatchPath.OfHeader(names), limits, Math.Max(0, limits.TotalBytes - (_retained / 2)));
        }
        else if (line.TryHeader("diff --cc "u8, out var name) || line.TryHeader("diff --combined "u8, out name))
        {
            // A merge shown against both parents at once has no old and new side: the file is named, its lines are passed over.
            EndFile();
            var path = PatchPath.ReadPlain(name);
            _file = new DiffFileBuilder((path, path), limits, room: 0);
        }
        else
        {
            _file?.Take(line);
        }
    }

    private void EndFile()
    {
        if (_file is null)
        {
            return;
        }

        var file = _file.Build();
        _added += file.Added;
        _removed += file.Removed;
        if (_files.Count < limits.Files)
        {
            _files.Add(file);
            _retained += _file.RetainedBytes;
        }
        else
        {
            _leftOut++;
        }

        _file = null;
    }
}

/// <summary>One line of a patch.</summary>
/// <param name="bytes">What is kept of it, without its line feed.</param>
/// <param name="length">Its whole length in bytes.</param>
internal readonly ref struct PatchLine(ReadOnlySpan<byte> bytes, long length)
{
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public long Length { get; } = length;

    public string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>What follows a header's name; false when it is another line.</summary>
    public bool TryHeader(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = Bytes.StartsWith(name) ? Bytes[name.Length..] : default;
        return Bytes.StartsWith(name);
    }

    /// <summary>Reads <c>@@ -1,2 +3,4 @@ section</c>.</summary>
    public bool TryHunk(out HunkHeader header)
    {
        header = default;
        var rest = Bytes;
        if (!rest.StartsWith("@@ -"u8) || !TryRange(ref rest, "@@ -"u8, out var oldStart, out var oldCount) || !TryRange(ref rest, " +"u8, out var newStart, out var newCount) || !rest.StartsWith(" @@"u8))
        {
            return false;
        }

        header = new HunkHeader(oldStart, oldCount, newStart, newCount, Encoding.UTF8.GetString(rest[3..]).Trim());
        return true;
    }

    private static bool TryRange(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> mark, out int start, out int count)
    {
        (start, count) = (0, 1);
        if (!text.StartsWith(mark) || !TryNumber(text[mark.Length..], out start, out var used))
        {
            return false;
        }

        text = text[(mark.Length + used)..];
        if (text.StartsWith(","u8))
        {
            if (!TryNumber(text[1..], out count, out used))
            {
                return false;
            }

            text = text[(1 + used)..];
        }

        return true;
    }

    // No file has a thousand million lines; more would overflow the line numbers.
    private static bool TryNumber(ReadOnlySpan<byte> text, out int number, out int used) =>
        Utf8Parser.TryParse(text, out number, out used) && number is >= 0 and < 1_000_000_000 && text[0] is >= (byte)'0' and <= (byte)'9';
}

/// <summary>Where a hunk says it is.</summary>
internal readonly record struct HunkHeader(int OldStart, int OldCount, int NewStart, int NewCount, string Section);
