using System.Globalization;
using System.Text;
using CodexWeb.Agent.Tools;

namespace CodexWeb.Agent.Models;

/// <summary>Writes the block of one message of instructions: a small heading for each file, its text, and a line where something was cut.</summary>
/// <param name="bytes">What the files may take together.</param>
internal sealed class InstructionText(int bytes)
{
    private const string Open = "<INSTRUCTIONS>";
    private const string Close = "</INSTRUCTIONS>";

    private readonly StringBuilder _text = new();
    private readonly List<InstructionFile> _files = [];

    /// <summary>What further files may take.</summary>
    public int BytesLeft { get; private set; } = Math.Max(0, bytes);

    /// <summary>The files so far, those left out among them.</summary>
    public IReadOnlyList<InstructionFile> Files => _files;

    /// <summary>Adds the server's own instructions, whole.</summary>
    public void AddGlobal(string text)
    {
        if (!string.IsNullOrWhiteSpace(text))
        {
            var size = Encoding.UTF8.GetByteCount(text);
            Write("Instructions of this server", text);
            _files.Add(new InstructionFile("the server's own", size, size, Note: null));
        }
    }

    /// <summary>Adds a file, as much of it as there is room for. White space alone costs nothing.</summary>
    public void Add(string path, ReadOnlySpan<byte> content)
    {
        var whole = content.StartsWith("\uFEFF"u8) ? content[3..] : content;
        if (string.IsNullOrWhiteSpace(Utf8Text.Decode(whole)))
        {
            return;
        }

        if (BytesLeft == 0)
        {
            Drop(path, "the limit for instructions is reached", content.Length);
            return;
        }

        var given = whole.Length <= BytesLeft ? whole : whole[..Utf8Text.CompleteLength(whole[..BytesLeft])];
        BytesLeft = given.Length < whole.Length ? 0 : BytesLeft - given.Length;
        Write(path, Utf8Text.Decode(given));
        if (given.Length == whole.Length)
        {
            _files.Add(new InstructionFile(path, content.Length, content.Length, Note: null));
            return;
        }

        _text.Append(CultureInfo.InvariantCulture, $"[Cut: these are the first {given.Length:N0} of {whole.Length:N0} bytes of {path}. Read the rest there if you need it.]\n\n");
        _files.Add(new InstructionFile(path, content.Length, given.Length, "the limit for instructions is reached"));
    }

    /// <summary>Says that a file is there but not in the text.</summary>
    public void Drop(string path, string reason, long size = 0)
    {
        _text.Append(CultureInfo.InvariantCulture, $"[{path} is left out: {reason}. Read it there if you need it.]\n\n");
        _files.Add(new InstructionFile(path, size, 0, reason));
    }

    /// <summary>The block.</summary>
    public override string ToString() => $"{Open}\n{_text.ToString().TrimEnd('\n')}\n{Close}";

    // A file must not end the block and go on in the person's name.
    private void Write(string title, string text) =>
        _text.Append(CultureInfo.InvariantCulture, $"## {title}\n\n{text.Trim().Replace(Close, "<\\/INSTRUCTIONS>", StringComparison.OrdinalIgnoreCase)}\n\n");
}
