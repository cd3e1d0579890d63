using System.Globalization;
using System.Text.RegularExpressions;

namespace CodexWeb.Models.Demo.Scripts;

/// <summary>Ask, any repository: searches the files for the words of the question and cites the lines.</summary>
internal static partial class SearchWords
{
    private const int MostWords = 8;
    private const int MostHits = 8;

    // Words of questions that say nothing about code.
    private static readonly HashSet<string> Common = new(
        ("about after again also been before being code could does doing done each every file files find from give have here into just know like list made make many more most much must "
        + "only other please project repo repository same should show some such tell than that their them then there these they this those through under used uses using very want were "
        + "what when where which while will with work works would your explain and are can for how its not the was who why you").Split(' '),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The steps.</summary>
    /// <param name="look">A command that listed the files, to be cited when there is nothing to search for; or null.</param>
    public static IEnumerable<Step> Play(string question, Command? look)
    {
        var words = Word().Matches(question).Select(match => match.Value).Where(word => !Common.Contains(word)).Distinct(StringComparer.OrdinalIgnoreCase).Take(MostWords).ToList();
        if (words.Count == 0)
        {
            yield return new Step($"I am a script, not an AI: I can search the files for the words of a question, and yours has none I could search for. Name a function, a file or a term{(look is null ? "" : Quote.Cite(look))}. I also run fenced `sh` blocks.");
            yield break;
        }

        // Words are letters, digits and _ alone, so the shell sees nothing in them.
        var patterns = string.Join(' ', words.Select(word => $"-e {word}"));
        var search = new Command($"if command -v rg >/dev/null; then rg -n -i -m 5 {patterns} .; else grep -rnIi -m 5 --exclude-dir=.git {patterns} .; fi | head -n 200");
        yield return new Step($"I search the files for {Listed(words)}.", search);
        yield return new Step(Answer(words, Hits(search, words)) + "\n\nI am a script, not an AI: I do not understand the question, I only looked for its words. I also run fenced `sh` blocks.");
    }

    private static string Answer(List<string> words, List<Hit> hits) => hits.Count == 0
        ? $"No file has any of the words {Listed(words)}."
        : $"These lines have the words {Listed(words)}, the closest first:\n\n"
            + string.Join('\n', hits.Select(hit => $"- {Quote.Code(hit.Text)} {Quote.Cite(hit.Path, hit.Line, hit.Line)}"));

    private static string Listed(List<string> words) => string.Join(", ", words.Select(word => $"“{word}”"));

    private static List<Hit> Hits(Command search, List<string> words) =>
        [.. search.Lines
            .Select(line => FoundLine().Match(line))
            .Where(match => match.Success)
            .Select(match => new Hit(match.Groups["path"].Value, int.Parse(match.Groups["line"].Value, CultureInfo.InvariantCulture), match.Groups["text"].Value.Trim()))
            .Where(hit => hit.Text.Length > 0)
            .OrderByDescending(hit => words.Count(word => hit.Text.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .ThenBy(hit => hit.Path, StringComparer.Ordinal)
            .ThenBy(hit => hit.Line)
            .Take(MostHits)];

    [GeneratedRegex(@"\b[A-Za-z_][A-Za-z0-9_]{2,40}\b", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Word();

    [GeneratedRegex(@"^(?:\./)?(?<path>[^:]+):(?<line>\d{1,8}):(?<text>.*)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FoundLine();

    private sealed record Hit(string Path, int Line, string Text);
}
