using System.Security.Cryptography;
using System.Text;

namespace CodexWeb.Review;

/// <summary>Gathers one file of a patch, line by line.</summary>
/// <param name="names">As the first line of its part of the patch gives them; later headers may correct them.</param>
/// <param name="room">Bytes of patch this file may still keep under the limit over all files.</param>
internal sealed class DiffFileBuilder((string Old, string New) names, DiffLimits limits, long room)
{
    private readonly List<DiffHunk> _hunks = [];
    private readonly StringBuilder _identity = new();
    private string _oldPath = names.Old;
    private string _newPath = names.New;
    private DiffFileKind _kind;
    private string? _oldMode;
    private string? _newMode;
    private string _blobs = "";
    private bool _binary;
    private bool _combined;
    private bool _tooLarge;
    private bool _endsWithReturn;
    private bool _endsWithoutReturn;
    private long _bytes;
    private int _added;
    private int _removed;
    private HunkBuilder? _hunk;

    /// <summary>Roughly what is kept in memory.</summary>
    public long RetainedBytes => _tooLarge ? 500 : (_bytes * 2) + 500;

    public void Take(PatchLine line)
    {
        _bytes += line.Length;
        if (!_tooLarge && _bytes > Math.Min(limits.FileBytes, room))
        {
            _tooLarge = true;
            _hunks.Clear();
            _hunk?.Forget();
        }

        if (_hunk is not null && TakeContent(line))
        {
            return;
        }

        EndHunk();
        if (!_combined && !_binary && line.TryHunk(out var header))
        {
            _hunk = new HunkBuilder(header, keep: !_tooLarge);
        }
        else
        {
            TakeHeader(line);
        }
    }

    public DiffFile Build()
    {
        EndHunk();
        var identity = string.Join('\n', _oldPath, _newPath, _oldMode, _newMode, _blobs, _identity);
        return new DiffFile
        {
            OldPath = _oldPath,
            NewPath = _newPath,
            Kind = _kind,
            OldMode = _oldMode,
            NewMode = _newMode,
            IsBinary = _binary,
            IsTooLarge = _tooLarge || _combined,
            HasMixedLineEndings = _endsWithReturn && _endsWithoutReturn,
            Added = _added,
            Removed = _removed,
            Hash = ShortHash(Encoding.UTF8.GetBytes(identity)),
            Hunks = _tooLarge ? [] : _hunks.ToArray(),
        };
    }

    internal static string ShortHash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));

    private bool TakeContent(PatchLine line)
    {
        if (line.Bytes.StartsWith("\\"u8))
        {
            _hunk!.EndsFile();
            return true;
        }

        if (_hunk!.IsComplete || !_hunk.Take(line, limits.LineCharacters, out var kind))
        {
            return false;
        }

        _added += kind is DiffLineKind.Added ? 1 : 0;
        _removed += kind is DiffLineKind.Removed ? 1 : 0;
        var hasReturn = line.Bytes.EndsWith("\r"u8);
        _endsWithReturn |= hasReturn;
        _endsWithoutReturn |= !hasReturn;
        return true;
    }

    private void EndHunk()
    {
        if (_hunk is null)
        {
            return;
        }

        var hunk = _hunk.Build(_newPath, _blobs);
        _identity.Append(hunk.Hash);
        if (!_tooLarge)
        {
            _hunks.Add(hunk);
        }

        _hunk = null;
    }

    private void TakeHeader(PatchLine line)
    {
        if (line.TryHeader("--- "u8, out var value))
        {
            _oldPath = value.StartsWith("/dev/null"u8) ? _oldPath : PatchPath.Read(value);
        }
        else if (line.TryHeader("+++ "u8, out value))
        {
            _newPath = value.StartsWith("/dev/null"u8) ? _newPath : PatchPath.Read(value);
        }
        else if (line.TryHeader("index "u8, out value))
        {
            _blobs = Encoding.UTF8.GetString(value[..Math.Min(value.Length, 160)]);
            // Without a mode header of its own the mode stands behind the two object names, and is the same before and after.
            _newMode ??= value.LastIndexOf((byte)' ') is >= 0 and var space ? Mode(value[(space + 1)..]) : null;
        }
        else if (line.Bytes.StartsWith("GIT binary patch"u8) || line.Bytes.StartsWith("Binary files "u8))
        {
            _binary = true;
        }
        else if (line.Bytes.StartsWith("@@@"u8))
        {
            _combined = true;
        }
        else if (!TakeMove(line))
        {
            TakeMode(line);
        }
    }

    private bool TakeMove(PatchLine line)
    {
        if (line.TryHeader("rename from "u8, out var value) || line.TryHeader("copy from "u8, out value))
        {
            _kind = line.Bytes.StartsWith("rename"u8) ? DiffFileKind.Renamed : DiffFileKind.Copied;
            _oldPath = PatchPath.ReadPlain(value);
            return true;
        }

        if (line.TryHeader("rename to "u8, out value) || line.TryHeader("copy to "u8, out value))
        {
            _newPath = PatchPath.ReadPlain(value);
            return true;
        }

        return false;
    }

    private void TakeMode(PatchLine line)
    {
        if (line.TryHeader("old mode "u8, out var value))
        {
            _oldMode = Mode(value);
        }
        else if (line.TryHeader("new mode "u8, out value))
        {
            _newMode = Mode(value);
        }
        else if (line.TryHeader("new file mode "u8, out value))
        {
            (_kind, _newMode) = (DiffFileKind.Added, Mode(value));
        }
        else if (line.TryHeader("deleted file mode "u8, out value))
        {
            (_kind, _oldMode) = (DiffFileKind.Deleted, Mode(value));
        }
    }

    private static string Mode(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value[..Math.Min(value.Length, 6)]);
}
