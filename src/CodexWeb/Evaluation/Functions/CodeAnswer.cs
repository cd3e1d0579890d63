using System.Text.RegularExpressions;

namespace CodexWeb.Evaluation.Functions;

/// <summary>The code in a model's answer.</summary>
/// <param name="Programs">Whole files it may mean, the likeliest first: the first that is Python and defines the function is the candidate. Empty when the answer is.</param>
/// <param name="Marked">True when the answer says itself that it is code, by a fence or by defining the function.</param>
internal sealed record CodeAnswer(IReadOnlyList<string> Programs, bool Marked)
{
    /// <summary>Finds it, in a fenced block or in the bare text, as a whole function or as its body.</summary>
    public static CodeAnswer Find(FunctionProblem problem, string answer)
    {
        var text = answer.ReplaceLineEndings("\n");
        var defines = new Regex($@"^[ \t]*(?:async[ \t]+)?def[ \t]+{Regex.Escape(problem.EntryPoint)}\b", RegexOptions.Multiline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));
        var blocks = Blocks(text);
        // A model that thinks aloud gives its best version last.
        var code = blocks.LastOrDefault(block => defines.IsMatch(block)) ?? blocks.MaxBy(static block => block.Length) ?? text;
        if (string.IsNullOrWhiteSpace(code))
        {
            return new CodeAnswer([], Marked: false);
        }

        var whole = defines.IsMatch(code);
        return new CodeAnswer(whole ? Whole(problem.Prompt, code) : Body(problem.Prompt, code), whole || blocks.Count > 0);
    }

    // The prompt's imports and helpers come first, as they would in the file.
    private static string[] Whole(string prompt, string code)
    {
        var outdented = Outdented(code);
        return [$"{prompt.TrimEnd()}\n\n{outdented}", $"{prompt.TrimEnd()}\n    pass\n\n{outdented}", outdented];
    }

    // Servers trim answers, and models write a body without its indentation.
    private static string[] Body(string prompt, string code)
    {
        var begun = prompt.EndsWith('\n') ? prompt : prompt + "\n";
        return [prompt + code, begun + code, begun + "    " + code.TrimStart(), begun + Indented(Outdented(code))];
    }

    private static List<string> Blocks(string text)
    {
        var blocks = new List<string>();
        List<string>? open = null;
        var fence = "";
        foreach (var line in text.Split('\n'))
        {
            var trimmed = line.Trim();
            if (open is null)
            {
                if (trimmed is ['`' or '~', ..] && trimmed.StartsWith(new string(trimmed[0], 3), StringComparison.Ordinal))
                {
                    (open, fence) = ([], string.Concat(trimmed.TakeWhile(character => character == trimmed[0])));
                }
            }
            else if (trimmed.StartsWith(fence, StringComparison.Ordinal) && trimmed.Trim(fence[0]).Length == 0)
            {
                blocks.Add(string.Join('\n', open));
                open = null;
            }
            else
            {
                open.Add(line);
            }
        }

        // An answer that was cut has no closing fence.
        return open is null ? blocks : [.. blocks, string.Join('\n', open)];
    }

    private static string Outdented(string code)
    {
        var lines = code.Split('\n');
        var margin = lines.Where(static line => !string.IsNullOrWhiteSpace(line)).Min(static line => line.Length - line.TrimStart(' ', '\t').Length);
        return string.Join('\n', lines.Select(line => line.Length >= margin ? line[margin..] : line.TrimStart()));
    }

    private static string Indented(string code) => string.Join('\n', code.Split('\n').Select(static line => string.IsNullOrWhiteSpace(line) ? line : "    " + line));
}
