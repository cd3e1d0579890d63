using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CodexWeb.Evaluation.Repositories;

/// <summary>
/// Makes of a test file one that fails however right the code is. Where such tests pass, their verdict does not come from them: the code under test ended the process, patched the
/// assertions, or replaced what runs them.
/// </summary>
internal static partial class BrokenTests
{
    private static readonly string[] OtherSources = [".go", ".rs", ".java", ".kt", ".scala", ".cs", ".fs", ".vb", ".c", ".cc", ".cpp", ".swift", ".php", ".ex", ".exs", ".erl", ".hs", ".clj", ".dart", ".jl", ".lua", ".r"];
    private static readonly string Python = Text("BrokenTests.py");
    private static readonly string JavaScript = Text("BrokenTests.js");

    // Known to be wrong, by the means the other tests of the file use.
    private const string Perl = "\nif (defined &Test::More::is) { Test::More::is('a', 'NAME') } else { die 'NAME' }\n";

    /// <summary>Breaks one.</summary>
    /// <param name="path">Says the language, by its ending.</param>
    /// <returns>Null for a file that is no program, or of a language nothing is known about.</returns>
    public static string? Break(string path, string content)
    {
        // A name of its own each time, so that no candidate knows it beforehand.
        var name = string.Create(CultureInfo.InvariantCulture, $"broken_{Guid.NewGuid():N}");
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".py" => Python.Replace("NAME", name, StringComparison.Ordinal).Replace("SOURCE", Convert.ToBase64String(Encoding.UTF8.GetBytes(content)), StringComparison.Ordinal),
            ".t" or ".pl" => Before(PerlEnd(), Plan().Replace(content, MorePlanned), Perl.Replace("NAME", name, StringComparison.Ordinal)),
            ".rb" => Before(RubyEnd(), content, $"\nraise '{name}'\n"),
            ".js" or ".cjs" or ".mjs" or ".jsx" or ".ts" or ".cts" or ".mts" or ".tsx" => content + JavaScript.Replace("NAME", name, StringComparison.Ordinal),
            ".sh" or ".bash" => $"{LastExit().Replace(content.TrimEnd(), "")}\nexit 97\n",
            ".bats" => $"{content}\n@test \"{name}\" {{ false; }}\n",
            var other when OtherSources.Contains(other, StringComparer.Ordinal) => $"{name} ( is not a program\n",
            _ => null,
        };
    }

    private static string MorePlanned(Match plan) => plan.Groups["words"].Value + (int.Parse(plan.Groups["count"].ValueSpan, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);

    private static string Before(Regex end, string content, string text) => end.Match(content) is { Success: true } place ? content.Insert(place.Index, text) : $"{content}\n{text}";

    private static string Text(string name)
    {
        using var stream = typeof(BrokenTests).Assembly.GetManifestResourceStream($"CodexWeb.Evaluation.Repositories.{name}") ?? throw new InvalidOperationException($"The assembly lacks {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"^[ \t]*done_testing\b|^__(END|DATA)__", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex PerlEnd();

    [GeneratedRegex(@"(?<words>\btests\s*=>\s*)(?<count>[0-9]{1,6})\b", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Plan();

    [GeneratedRegex(@"^__END__", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex RubyEnd();

    [GeneratedRegex(@"(?<=\n|^)[ \t]*(exec|exit)\b[^\n]*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex LastExit();
}
