using System.Globalization;

namespace CodexWeb.Agent.Tools;

/// <summary>Keeps the first and the last bytes of a stream of any length, half the room each. Takes memory as it needs it. Not for several threads at once.</summary>
/// <param name="capacity">Bytes kept at most.</param>
internal sealed class HeadTailBuffer(int capacity)
{
    private const int FirstRoom = 4 * 1024;

    private readonly int _half = capacity / 2;
    private byte[] _head = [];
    private int _headLength;

    // A ring once it is full.
    private byte[] _tail = [];
    private long _tailTotal;
    private long _lineBreaks;
    private byte _last = (byte)'\n';

    /// <summary>Bytes seen.</summary>
    public long Total => _headLength + _tailTotal;

    /// <summary>Takes bytes in.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        _lineBreaks += bytes.Count((byte)'\n');
        _last = bytes[^1];
        var first = Math.Min(bytes.Length, _half - _headLength);
        Room(ref _head, _headLength + first, _headLength);
        bytes[..first].CopyTo(_head.AsSpan(_headLength));
        _headLength += first;
        AppendTail(bytes[first..]);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => (_headLength, _tailTotal, _lineBreaks, _last) = (0, 0, 0, (byte)'\n');

    /// <summary>A copy of what is kept.</summary>
    public KeptOutput Kept()
    {
        var lines = _lineBreaks + (_last is (byte)'\n' ? 0 : 1);
        var head = _head.AsSpan(0, _headLength);
        var tail = Tail();
        return _tailTotal <= _half
            ? new KeptOutput((byte[])[.. head, .. tail], default, Total, lines)
            : new KeptOutput(head.ToArray(), tail, Total, lines);
    }

    /// <summary>What is kept, as valid text: bytes that are no UTF-8 become U+FFFD, NUL becomes U+2400, and a line says how much the middle lacks.</summary>
    public override string ToString()
    {
        var kept = Kept();
        if (kept.Tail.IsEmpty)
        {
            return Utf8Text.Decode(kept.Head.Span);
        }

        var before = kept.Head.Span[..Utf8Text.CompleteLength(kept.Head.Span)];
        var after = kept.Tail.Span[Utf8Text.FirstStart(kept.Tail.Span)..];
        var missing = Total - before.Length - after.Length;
        return string.Create(CultureInfo.InvariantCulture, $"{Utf8Text.Decode(before)}\n…{missing} bytes left out…\n{Utf8Text.Decode(after)}");
    }

    private void AppendTail(ReadOnlySpan<byte> bytes)
    {
        var used = (int)Math.Min(_half, _tailTotal);
        if (bytes.Length > _half)
        {
            _tailTotal += bytes.Length - _half;
            bytes = bytes[^_half..];
        }

        Room(ref _tail, (int)Math.Min(_half, _tailTotal + bytes.Length), used);
        while (bytes.Length > 0)
        {
            var at = (int)(_tailTotal % _half);
            var count = Math.Min(bytes.Length, _half - at);
            bytes[..count].CopyTo(_tail.AsSpan(at));
            bytes = bytes[count..];
            _tailTotal += count;
        }
    }

    private void Room(ref byte[] buffer, int needed, int used)
    {
        if (needed <= buffer.Length)
        {
            return;
        }

        var larger = new byte[Math.Min(_half, Math.Max(Math.Max(FirstRoom, needed), buffer.Length * 2))];
        buffer.AsSpan(0, used).CopyTo(larger);
        buffer = larger;
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
