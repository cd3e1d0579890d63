using System.Buffers;
using System.Text;

namespace CodexWeb.Agent.Tools;

/// <summary>
/// A text file in lines, each with its own ending, so that lines a patch does not touch keep their bytes.
/// A byte-order mark stands apart: it belongs to the file, not to its first line.
/// </summary>
internal sealed class PatchTextFile
{
    private const char Mark = '\uFEFF';

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _text;
    private readonly List<Line> _lines = [];
    private readonly string _ending;

    private PatchTextFile(string text)
    {
        _text = text;
        HasMark = text.StartsWith(Mark);
        for (var start = HasMark ? 1 : 0; start < text.Length;)
        {
            var newline = text.IndexOf('\n', start);
            var end = newline < 0 ? text.Length : newline;
            var ending = newline < 0 ? 0 : end > start && text[end - 1] is '\r' ? 2 : 1;
            _lines.Add(new Line(start, end - start - (ending is 2 ? 1 : 0), ending));
            start = end + 1;
        }

        // The file's own style is that of its first line; a file of one unended line has none.
        _ending = _lines is [{ Ending: 2 }, ..] ? "\r\n" : "\n";
    }

    /// <summary>Number of lines; a last one without an ending counts.</summary>
    public int Count => _lines.Count;

    /// <summary>True when the file begins with a byte-order mark.</summary>
    public bool HasMark { get; }

    /// <summary>A line without its ending, from 0.</summary>
    public ReadOnlySpan<char> this[int index] => _text.AsSpan(_lines[index].Start, _lines[index].Length);

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="path">For the message.</param>
    /// <exception cref="PatchException">The bytes are binary or not UTF-8.</exception>
    public static PatchTextFile Read(string path, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Contains((byte)0))
        {
            throw new PatchException($"{PatchReport.Show(path)} is a binary file (it holds NUL bytes). A patch changes text files only.");
        }

        try
        {
            return new PatchTextFile(Utf8.GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            throw new PatchException($"{PatchReport.Show(path)} is not UTF-8 text. Convert it with a command, or change it with one.");
        }
    }

    /// <summary>The file with some lines taken out and others put in. Ends with a line ending, unless nothing is left.</summary>
    /// <param name="removed">Indices of lines to take out.</param>
    /// <param name="insertions">Lines to put in before the line of an index, in ascending order of it; <see cref="Count"/> for the end.</param>
    public byte[] With(IReadOnlySet<int> removed, IReadOnlyList<(int Index, string Text)> insertions)
    {
        var output = new ArrayBufferWriter<byte>(Math.Max(256, _text.Length + (_text.Length / 8)));
        var inserted = 0;
        for (var i = 0; i <= Count; i++)
        {
            for (; inserted < insertions.Count && insertions[inserted].Index == i; inserted++)
            {
                Write(output, insertions[inserted].Text.AsSpan(), _ending);
            }

            if (i < Count && !removed.Contains(i))
            {
                var line = _lines[i];
                Write(output, this[i], line.Ending is 0 ? _ending : _text.AsSpan(line.Start + line.Length, line.Ending));
            }
        }

        return output.WrittenSpan.ToArray();
    }

    private void Write(ArrayBufferWriter<byte> output, ReadOnlySpan<char> text, ReadOnlySpan<char> ending)
    {
        if (HasMark && output.WrittenCount == 0)
        {
            Utf8.GetBytes([Mark], output);
            text = text is [Mark, ..] ? text[1..] : text;
        }

        Utf8.GetBytes(text, output);
        Utf8.GetBytes(ending, output);
    }

    private readonly record struct Line(int Start, int Length, int Ending);
}
