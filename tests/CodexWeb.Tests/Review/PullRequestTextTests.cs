using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Review;
using CodexWeb.Tasks;

namespace CodexWeb.Tests.Review;

public sealed class PullRequestTextTests
{
    private const string Report = "Uploads answer 429 now【F:src/Uploads.cs†L12-L18】. Thanks @ana, fixes #9.\n\n## Checks\n\n✅ `make test`";

    private static readonly DiffSummary Diff = new(14, 2, [new FileDiff("src/Uploads.cs", FileDiffStatus.Modified, 14, 2, OldPath: null, IsBinary: false)]);

    private static readonly Evidence Evidence = new(
        "tests passed after last edit",
        "The checks pass on the files as they are now.",
        [Run("make test", CheckOutcome.Passed, "14 passed, 0 failed", stale: false), Run("make lint", CheckOutcome.Failed, null, stale: true)],
        ["make docs"],
        [],
        1,
        NetworkEvidence.None,
        EndedWithoutCheck: false);

    [Fact]
    public void Without_a_template_it_has_a_summary_and_the_evidence()
    {
        var text = PullRequestText.Write(Facts(template: null));

        Assert.Equal("Answer 429 to those who upload too much", text.Title);
        Assert.Equal(
            """
            ## Summary

            Uploads answer 429 now`src/Uploads.cs:12`. Thanks `@ana`, fixes `#9`.

            1 file changed, +14 −2:

            - `src/Uploads.cs` (+14 −2)

            Closes #12

            ## Testing

            The checks pass on the files as they are now.

            - ✓ `make test`: 14 passed, 0 failed
            - ✗ `make lint`: exit code 1 (stale: files changed since)
            - Not run: `make docs`

            """,
            text.Body);
    }

    [Fact]
    public void A_template_keeps_its_headings_and_check_lists_and_loses_its_comments()
    {
        const string template = """
            <!-- Thanks for your help!
            Read CONTRIBUTING first. -->
            # What does this change?
            Describe the change here.

            ## How was it tested?
            <!-- commands -->
            - [x] unit tests
            - [ ] by hand

            ## Checklist
            - [x] I signed the agreement
            * [ ] The docs are right
            """;

        var text = PullRequestText.Write(Facts(template)).Body;

        Assert.Equal(
            """
            # What does this change?

            Uploads answer 429 now`src/Uploads.cs:12`. Thanks `@ana`, fixes `#9`.

            1 file changed, +14 −2:

            - `src/Uploads.cs` (+14 −2)

            Closes #12

            ## How was it tested?

            The checks pass on the files as they are now.

            - ✓ `make test`: 14 passed, 0 failed
            - ✗ `make lint`: exit code 1 (stale: files changed since)
            - Not run: `make docs`

            - [ ] unit tests
            - [ ] by hand

            ## Checklist

            - [ ] I signed the agreement
            * [ ] The docs are right

            """,
            text);
    }

    [Fact]
    public void A_template_without_such_headings_gets_summary_and_testing_around_it()
    {
        var text = PullRequestText.Write(Facts("Ticket: \n\n## Screenshots\n")).Body;

        Assert.StartsWith("## Summary\n\nUploads answer", text, StringComparison.Ordinal);
        Assert.Contains("Closes #12\n\nTicket:", text, StringComparison.Ordinal);
        Assert.Contains("## Screenshots\n\n## Testing\n\nThe checks pass", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_leaves_no_room_is_left_out()
    {
        var text = PullRequestText.Write(Facts("## Rules\n" + new string('x', PullRequestText.LongestBody))).Body;

        Assert.DoesNotContain("## Rules", text, StringComparison.Ordinal);
        Assert.Contains("✓ `make test`", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Thousands_of_files_with_long_names_stay_below_the_hosts_limit()
    {
        var files = Enumerable.Range(0, 5_000).Select(n => new FileDiff($"{new string('d', 4_000)}/{n}", FileDiffStatus.Added, 1, 0, OldPath: null, IsBinary: false)).ToList();

        var text = PullRequestText.Write(Facts(template: null) with { Diff = new DiffSummary(5_000, 0, files) }).Body;

        Assert.InRange(text.Length, 1, PullRequestText.LongestBody);
    }

    [Theory]
    [InlineData(".github/PULL_REQUEST_TEMPLATE.md")]
    [InlineData("Pull_Request_Template.md")]
    [InlineData("docs/pull_request_template.md")]
    public void The_template_is_found_where_github_looks_for_it(string path) =>
        Assert.Equal(path, PullRequestTemplate.Find(["README.md", "src/pull_request_template.md", path, ".github/PULL_REQUEST_TEMPLATE/other.md"]));

    [Fact]
    public void Nothing_else_is_taken_for_a_template() => Assert.Null(PullRequestTemplate.Find(["src/pull_request_template.md", ".github/PULL_REQUEST_TEMPLATE/other.md"]));

    [Theory]
    [InlineData("https://github.com/acme/shop/issues/12", "Closes #12")]
    [InlineData("https://github.com/Acme/shop/issues/12#issuecomment-9", "Closes #12")]
    [InlineData("https://github.com/acme/shop/pull/12", "Started from [`acme/shop#12`](<https://github.com/acme/shop/pull/12>).")]
    [InlineData("https://github.com/acme/other/issues/12", "Started from [`acme/shop#12`](<https://github.com/acme/other/issues/12>).")]
    [InlineData("javascript:alert(1)", null)]
    public void Only_an_issue_of_the_same_repository_is_closed(string url, string? line) =>
        Assert.Equal(line, SourceLine.Of(new TaskSource(url, "acme/shop#12"), "https://github.com/acme/shop"));

    private static PullRequestFacts Facts(string? template) => new("Answer 429 to those who upload too much.", Report, Diff, Evidence, template, "Closes #12");

    private static CheckRun Run(string command, CheckOutcome outcome, string? summary, bool stale) =>
        new("item_1", command, CheckKind.Tests, outcome, outcome is CheckOutcome.Passed ? 0 : 1, summary, 100, 1, Named: true, Latest: true, stale, Note: null);
}
