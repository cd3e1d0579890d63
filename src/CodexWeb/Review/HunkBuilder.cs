using System.Security.Cryptography;
using System.Text;

namespace CodexWeb.Review;

/// <summary>Gathers one hunk, whose header says how many lines of each side it owes.</summary>
internal sealed class HunkBuilder(HunkHeader header, bool keep)
{
    private readonly List<DiffLine> _lines = [];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private bool _keep = keep;
    private bool _cut;
    private int _old;
    private int _new;

    /// <summary>True when both sides have all their lines.</summary>
    public bool IsComplete => _old >= header.OldCount && _new >= header.NewCount;

    /// <summary>Keeps no lines from here on: the file is too large.</summary>
    public void Forget()
    {
        _keep = false;
        _lines.Clear();
    }

    /// <summary>Takes the next line.</summary>
    /// <returns>False when the line cannot belong here: the patch is malformed.</returns>
    public bool Take(PatchLine line, int longest, out DiffLineKind kind)
    {
        // Some mailers cut the blank off an empty context line.
        var mark = line.Bytes.IsEmpty ? (byte)' ' : line.Bytes[0];
        kind = mark switch { (byte)'+' => DiffLineKind.Added, (byte)'-' => DiffLineKind.Removed, _ => DiffLineKind.Context };
        var (inOld, inNew) = (kind is not DiffLineKind.Added, kind is not DiffLineKind.Removed);
        if (mark is not ((byte)'+' or (byte)'-' or (byte)' ') || (inOld && _old >= header.OldCount) || (inNew && _new >= header.NewCount))
        {
            return false;
        }

        if (_keep)
        {
            Keep(line, kind, longest);
        }

        _old += inOld ? 1 : 0;
        _new += inNew ? 1 : 0;
        return true;
    }

    /// <summary>The last line has no line feed.</summary>
    public void EndsFile()
    {
        if (_lines is [.., var last])
        {
            _lines[^1] = last with { EndsFile = true };
            _hash.AppendData("\\"u8);
        }
    }

    /// <summary>The hunk as far as it came.</summary>
    /// <param name="blobs">The file's object names: they stand for the ends of lines that were cut.</param>
    public DiffHunk Build(string path, string blobs)
    {
        _hash.AppendData(Encoding.UTF8.GetBytes(_cut ? path + blobs : path));
        var hash = Convert.ToHexStringLower(_hash.GetHashAndReset().AsSpan(0, 8));
        _hash.Dispose();
        return new DiffHunk(header.OldStart, header.OldCount, header.NewStart, header.NewCount, header.Section, hash, _lines.ToArray());
    }

    private void Keep(PatchLine line, DiffLineKind kind, int longest)
    {
        var bytes = line.Bytes.IsEmpty ? line.Bytes : line.Bytes[1..];
        _hash.AppendData([(byte)kind]);
        _hash.AppendData(bytes);
        _hash.AppendData("\n"u8);
        var text = Encoding.UTF8.GetString(bytes);
        long leftOut = Math.Max(0, line.Length - line.Bytes.Length);
        if (text.Length > longest)
        {
            // Not between the two halves of a character.
            var end = char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest;
            leftOut += Encoding.UTF8.GetByteCount(text.AsSpan(end));
            text = text[..end];
        }

        _cut |= leftOut > 0;
        _lines.Add(new DiffLine(
            kind,
            kind is DiffLineKind.Added ? null : header.OldStart + _old,
            kind is DiffLineKind.Removed ? null : header.NewStart + _new,
            text,
            (int)Math.Min(leftOut, int.MaxValue)));
    }
}
