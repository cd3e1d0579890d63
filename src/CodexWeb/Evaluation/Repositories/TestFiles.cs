using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace CodexWeb.Evaluation.Repositories;

/// <summary>Which files of a repository belong to a problem's tests: the candidate's versions of them never count.</summary>
/// <param name="All">Every path of the commit the tests are taken from.</param>
/// <param name="Added">Paths that the problem itself brings or patches.</param>
internal sealed partial record TestFiles(RepositoryProblem Problem, IReadOnlyList<string> All, IReadOnlySet<string> Added)
{
    private readonly HashSet<string> _words = [.. Words().Matches(Problem.Test).Select(static match => match.Value.TrimEnd('/'))];

    /// <summary>The tests themselves, most surely known first: those the problem brings or lists, those the command names, else those that look so.</summary>
    public IReadOnlyList<string> Tests
    {
        get
        {
            var known = All.Where(path => Added.Contains(path) || Listed(path)).ToList();
            known = known.Count > 0 ? known : [.. All.Where(Named)];
            return known.Count > 0 ? known : [.. All.Where(LooksLikeTest)];
        }
    }

    /// <summary>True for a path whose content is the problem's, whatever the candidate made of it: its tests, and what steers how tests are found and run.</summary>
    public bool Protects(string path) => Added.Contains(path) || Listed(path) || Named(path) || Steering().IsMatch(path) || (Problem.Tests.Count == 0 && LooksLikeTest(path));

    private static bool LooksLikeTest(string path) => TestLike().IsMatch(path);

    private bool Listed(string path) => Problem.Tests.Any(entry =>
        entry.EndsWith('/') ? path.StartsWith(entry, StringComparison.Ordinal)
        : entry == path || (entry.Contains('*', StringComparison.Ordinal) && FileSystemName.MatchesSimpleExpression(entry, path, ignoreCase: false)));

    // A folder that holds sources beside tests is not meant when the command names it.
    private bool Named(string path) => _words.Contains(path) && LooksLikeProgram(path)
        || (LooksLikeTest(path) && _words.Any(word => word.Length > 0 && path.StartsWith(word + "/", StringComparison.Ordinal)));

    private static bool LooksLikeProgram(string path) => Path.GetFileName(path).Contains('.', StringComparison.Ordinal) && (LooksLikeTest(path) || Script().IsMatch(path));

    [GeneratedRegex(@"[\w./-]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Words();

    [GeneratedRegex(@"\.(sh|bash|bats)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Script();

    [GeneratedRegex(@"(^|/)(tests?|t|specs?|__tests__)/|(^|/)test_[^/]*$|[^/][._-](tests?|specs?)\.[^/]+$|(^|/)[^/]+(Tests?|Spec)\.[A-Za-z]+$|\.(t|bats)$|(^|/)tests?\.[a-z]+$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex TestLike();

    [GeneratedRegex(@"(^|/)(conftest\.py|pytest\.ini|tox\.ini|\.coveragerc|sitecustomize\.py|usercustomize\.py|\.proverc|\.rspec|\.mocharc\.[a-z]+|(jest|vitest|karma|playwright)\.con[a-z.]+|phpunit\.xml[a-z.]*)$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Steering();
}
