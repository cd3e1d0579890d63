using System.Globalization;
using System.Text;

namespace CodexWeb.Agent.Tools;

/// <summary>Keeps the first and the last bytes of a stream of any length, half the room each.</summary>
/// <param name="capacity">Bytes kept at most.</param>
internal sealed class HeadTailBuffer(int capacity)
{
    private readonly int _half = capacity / 2;
    private readonly List<byte> _head = [];
    private byte[] _tail = [];
    private long _tailTotal;

    /// <summary>Bytes seen.</summary>
    public long Total => _head.Count + _tailTotal;

    /// <summary>Takes bytes in.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        var first = Math.Min(bytes.Length, _half - _head.Count);
        _head.AddRange(bytes[..first]);
        var rest = bytes[first..];
        if (rest.Length > 0 && _tail.Length == 0)
        {
            _tail = new byte[_half];
        }

        if (rest.Length > _half)
        {
            _tailTotal += rest.Length - _half;
            rest = rest[^_half..];
        }

        while (rest.Length > 0)
        {
            var at = (int)(_tailTotal % _half);
            var count = Math.Min(rest.Length, _half - at);
            rest[..count].CopyTo(_tail.AsSpan(at));
            rest = rest[count..];
            _tailTotal += count;
        }
    }

    /// <summary>Empties the buffer, but for <paramref name="keep"/> last bytes that the next text begins with.</summary>
    public void Clear(ReadOnlySpan<byte> keep)
    {
        _head.Clear();
        _tailTotal = 0;
        Append(keep);
    }

    /// <summary>What is kept, as valid text: bytes that are no UTF-8 become U+FFFD, NUL becomes U+2400, and a line says how much the middle lacks.</summary>
    public override string ToString()
    {
        var head = _head.ToArray();
        if (_tailTotal == 0)
        {
            return Utf8Text.Decode(head);
        }

        var tail = Tail();
        if (_tailTotal <= _half)
        {
            return Utf8Text.Decode([.. head, .. tail]);
        }

        var before = head.AsSpan(0, Utf8Text.CompleteLength(head));
        var after = tail.AsSpan(Utf8Text.FirstStart(tail));
        var missing = Total - before.Length - after.Length;
        return Utf8Text.Decode(before) + string.Create(CultureInfo.InvariantCulture, $"\n…{missing} bytes left out…\n") + Utf8Text.Decode(after);
    }

    private byte[] Tail()
    {
        if (_tailTotal <= _half)
        {
            return _tail[..(int)_tailTotal];
        }

        var at = (int)(_tailTotal % _half);
        return [.. _tail.AsSpan(at), .. _tail.AsSpan(0, at)];
    }
}

/// <summary>Makes text of bytes that may be anything.</summary>
internal static class Utf8Text
{
    /// <summary>Valid text for any bytes.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes) => ShowNuls(Encoding.UTF8.GetString(bytes));

    /// <summary>NUL as the sign U+2400, for it ends texts in many a program.</summary>
    public static string ShowNuls(string text) => text.Replace('\0', '\u2400');

    /// <summary>How many bytes can be decoded without cutting a character at the end.</summary>
    public static int CompleteLength(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            var lead = bytes[^back];
            if (lead >= 0b1100_0000)
            {
                var needs = lead >= 0b1111_0000 ? 4 : lead >= 0b1110_0000 ? 3 : 2;
                return back < needs ? bytes.Length - back : bytes.Length;
            }

            if (lead < 0b1000_0000)
            {
                break;
            }
        }

        return bytes.Length;
    }

    /// <summary>Where the first whole character begins.</summary>
    public static int FirstStart(ReadOnlySpan<byte> bytes)
    {
        var start = 0;
        while (start < Math.Min(3, bytes.Length) && (bytes[start] & 0b1100_0000) == 0b1000_0000)
        {
            start++;
        }

        return start;
    }
}
