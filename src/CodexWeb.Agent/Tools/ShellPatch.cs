using System.Text.RegularExpressions;

namespace CodexWeb.Agent.Tools;

/// <summary>Finds a patch written as shell text, <c>apply_patch &lt;&lt;'EOF' …</c>: a habit of many models. It goes to the real patch tool, for the sandbox has no such program.</summary>
internal static partial class ShellPatch
{
    /// <summary>The patch, its heredoc around it; null when the script is anything else or more than that.</summary>
    public static string? Find(string script)
    {
        var match = Call().Match(script);
        if (!match.Success)
        {
            return null;
        }

        var rest = script[match.Length..].Trim();
        if (rest.StartsWith("<<", StringComparison.Ordinal))
        {
            return rest;
        }

        return rest is ['\'', .., '\''] or ['"', .., '"'] && rest.AsSpan(1).TrimStart().StartsWith("*** Begin Patch", StringComparison.Ordinal) ? rest[1..^1] : null;
    }

    [GeneratedRegex(@"^\s*(?:cd\s+(?:/workspace|\.)/?\s*&&\s*)?apply_?patch\s+(?=<<|['""])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Call();
}
