using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace CodexWeb.Tests;

/// <summary>The few arrows that must never be drawn; AGENTS.md gives the reasons.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string Root = FindRoot();

    public static TheoryData<string, string> Nevers => new()
    {
        // Who reads the first folder's sources must not find the second pattern.
        { "src/CodexWeb.Agent", @"\bCodexWeb\.(?!Agent\b)\w+" },
        { "src/CodexWeb/Attempts", @"using CodexWeb\.(Review|CodeReviews|Pages)\b" },
        { "src/CodexWeb/Tasks", @"using CodexWeb\.(Review|CodeReviews|Pages|Api)\b" },
        { "src/CodexWeb/Review", @"using CodexWeb\.(CodeReviews|Pages|Api)\b" },
        { "src/CodexWeb/Repositories", @"using CodexWeb\.(Attempts|Review|Pages|Api)\b" },
        { "src/CodexWeb/GitHosts", @"using CodexWeb\.(Tasks|Attempts|Review|CodeReviews|Pages|Api)\b" },
        { "src/CodexWeb/CodeReviews", @"using CodexWeb\.(Pages|Api)\b" },
        { "src/CodexWeb/Ui/Markup", @"using CodexWeb\.(Tasks|Attempts|Review|Pages|Api|Data|Repositories)\b" },
        { "src/CodexWeb/Models", @"using CodexWeb\.(Attempts|Review|Pages|Api)\b" },
    };

    [Theory]
    [MemberData(nameof(Nevers))]
    public void An_arrow_that_must_not_be_is_not_there(string folder, string pattern) =>
        Assert.Empty(Sources(folder).SelectMany(file => Lines(file, new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5)))));

    [Fact]
    public void Components_touch_neither_database_nor_processes_nor_the_network() =>
        Assert.Empty(Sources("src/CodexWeb").Where(file => file.EndsWith(".razor", StringComparison.Ordinal) || file.EndsWith(".razor.cs", StringComparison.Ordinal))
            .SelectMany(file => Lines(file, ForbiddenInComponents())));

    [Fact]
    public void Raw_html_is_made_in_one_folder() =>
        Assert.Empty(Sources("src/CodexWeb").Where(file => !file.Contains("/Ui/Markup/", StringComparison.Ordinal)).SelectMany(file => Lines(file, RawHtml())));

    [Fact]
    public void Pages_are_the_only_addresses_of_the_page() =>
        Assert.Empty(Sources("src/CodexWeb").Where(file => file.EndsWith(".razor", StringComparison.Ordinal) && !file.Contains("/Pages/", StringComparison.Ordinal))
            .SelectMany(file => Lines(file, PageDirective())));

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".razor")
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/Migrations/", StringComparison.Ordinal));

    private static IEnumerable<string> Lines(string file, Regex pattern) =>
        File.ReadLines(file).Where(line => pattern.IsMatch(line)).Select(line => $"{Path.GetRelativePath(Root, file)}: {line.Trim()}");

    private static string FindRoot([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    [GeneratedRegex(@"\b(CodexDb|IDbContextFactory|ProcessRunner|HttpClient|Process)\b(?!:)", RegexOptions.CultureInvariant)]
    private static partial Regex ForbiddenInComponents();

    [GeneratedRegex(@"\bMarkupString\b|AddMarkupContent", RegexOptions.CultureInvariant)]
    private static partial Regex RawHtml();

    [GeneratedRegex(@"^@page\b", RegexOptions.CultureInvariant)]
    private static partial Regex PageDirective();
}
