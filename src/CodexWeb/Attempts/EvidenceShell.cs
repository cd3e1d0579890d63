namespace CodexWeb.Attempts;

/// <summary>One program call of a shell text.</summary>
/// <param name="Words">Program and arguments, without quotes and redirections.</param>
/// <param name="HiddenBy">Why the text's exit code is not this call's, a sentence; null when it is.</param>
internal sealed record ShellPart(IReadOnlyList<string> Words, string? HiddenBy);

/// <summary>Takes shell text apart into its calls, as far as needed to tell whose exit code the whole has. Never used to run anything.</summary>
internal static class EvidenceShell
{
    private const int Longest = 20_000;
    private const string ByPipe = "The exit code is that of the pipeline's last command.";
    private const string ByNext = "The exit code is that of a later command.";
    private const string ByNegation = "The exit code is negated.";

    /// <summary>The calls, in order. Empty for a text longer than anybody types.</summary>
    public static IReadOnlyList<ShellPart> Split(string text)
    {
        if (text.Length > Longest)
        {
            return [];
        }

        var calls = Unwrapped(new ShellReader(text).Read());
        var stops = calls.Exists(call => call.Words is ["set", .. var options] && options.Any(option => option[0] == '-' && option.Contains('e', StringComparison.Ordinal)));
        var pipes = calls.Exists(call => call.Words is ["set", ..] && call.Words.Contains("pipefail"));
        var parts = new List<ShellPart>();
        foreach (var (index, call) in calls.Index())
        {
            var negated = call.Words is ["!", ..];
            var hidden = negated ? ByNegation : Hidden(calls, index, stops, pipes);
            parts.Add(new ShellPart(negated ? call.Words[1..] : call.Words, hidden));
        }

        return parts;
    }

    private static string? Hidden(List<ShellCall> calls, int index, bool stops, bool pipes)
    {
        for (var i = index; i < calls.Count - 1 || i < calls.Count && calls[i].After is "&"; i++)
        {
            switch (calls[i].After)
            {
                case "|" when !pipes:
                    return ByPipe;
                case "|" or "&&":
                    // A failure is what the whole ends with.
                    break;
                case ";" when stops && !calls.Skip(index).Take(i - index).Any(call => call.After is "|" && !pipes):
                    break;
                default:
                    return ByNext;
            }
        }

        return null;
    }

    // "bash -lc 'prove -l t'": the text within.
    private static List<ShellCall> Unwrapped(List<ShellCall> calls) =>
        calls is [{ Words: ["bash" or "sh" or "/bin/bash" or "/bin/sh", ['-', .., 'c'], var inner] }] ? new ShellReader(inner).Read() : calls;
}
