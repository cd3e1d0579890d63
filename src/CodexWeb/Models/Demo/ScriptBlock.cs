namespace CodexWeb.Models.Demo;

/// <summary>What a fenced block of a message asks for.</summary>
internal enum BlockKind
{
    /// <summary>A command whose end is waited for.</summary>
    Command,

    /// <summary>A command that is left running: <c>```sh background</c>.</summary>
    Background,

    /// <summary>A patch: a block of the language <c>patch</c> or <c>apply_patch</c>, or a heredoc to <c>apply_patch</c>.</summary>
    Patch,
}

/// <summary>A fenced block of a message that a script can run.</summary>
/// <param name="Text">The shell text, or the patch.</param>
internal sealed record ScriptBlock(BlockKind Kind, string Text)
{
    /// <summary>Blocks taken from one message, at most; what comes after is left out.</summary>
    public const int Most = 200;

    private const string PatchBegin = "*** Begin Patch";
    private const string PatchEnd = "*** End Patch";

    /// <summary>The runnable blocks of a Markdown text, in order. One that is never closed ends with the text.</summary>
    public static IReadOnlyList<ScriptBlock> In(string markdown)
    {
        var blocks = new List<ScriptBlock>();
        var body = new List<string>();
        (char Mark, int Length, int Indent, string Language)? open = null;
        foreach (var raw in markdown.Split('\n').Append(null))
        {
            var line = raw?.TrimEnd('\r');
            if (open is not { } fence)
            {
                open = line is null ? null : Fence(line);
            }
            else if (line is null || Closes(line, fence.Mark, fence.Length))
            {
                if (Make(fence.Language, string.Join('\n', body)) is { } block && blocks.Count < Most)
                {
                    blocks.Add(block);
                }

                open = null;
                body.Clear();
            }
            else
            {
                var blanks = line.Length - line.AsSpan().TrimStart(' ').Length;
                body.Add(line[Math.Min(blanks, fence.Indent)..]);
            }
        }

        return blocks;
    }

    private static (char Mark, int Length, int Indent, string Language)? Fence(string line)
    {
        var text = line.AsSpan().TrimStart(' ');
        if (text.Length < 3 || text[0] is not ('`' or '~'))
        {
            return null;
        }

        var length = text.Length - text.TrimStart(text[0]).Length;
        var language = text[length..].Trim();
        return length < 3 || language.Contains('`') ? null : (text[0], length, line.Length - text.Length, language.ToString());
    }

    private static bool Closes(string line, char mark, int length)
    {
        var text = line.AsSpan().Trim();
        return text.Length >= length && text.TrimStart(mark).IsEmpty;
    }

    private static ScriptBlock? Make(string language, string text)
    {
        var words = language.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var kind = words.FirstOrDefault()?.ToUpperInvariant() switch
        {
            "SH" or "BASH" or "SHELL" => text.AsSpan().TrimStart().StartsWith("apply_patch", StringComparison.Ordinal) ? BlockKind.Patch
                : words.Contains("background", StringComparer.OrdinalIgnoreCase) ? BlockKind.Background
                : BlockKind.Command,
            "PATCH" or "APPLY_PATCH" => BlockKind.Patch,
            _ => (BlockKind?)null,
        };
        return kind is null || string.IsNullOrWhiteSpace(text) ? null
            : kind is BlockKind.Patch ? new ScriptBlock(BlockKind.Patch, PatchIn(text))
            : new ScriptBlock(kind.Value, text);
    }

    // The heredoc around a patch is the shell's; a patch without its marks goes as it is, for the tool to say what is wrong with it.
    private static string PatchIn(string text)
    {
        var begin = text.IndexOf(PatchBegin, StringComparison.Ordinal);
        var end = text.LastIndexOf(PatchEnd, StringComparison.Ordinal);
        return begin >= 0 && end > begin ? text[begin..(end + PatchEnd.Length)] + "\n" : text;
    }
}
