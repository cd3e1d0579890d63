using CodexWeb.CodeReviews;
using CodexWeb.Data;
using CodexWeb.EmulatedGitHub;

namespace CodexWeb.Tests.CodeReviews;

/// <summary>Apart from the others: a limit holds for everything the token is used for.</summary>
public sealed class ReviewLimitTests(ReviewApp app) : IClassFixture<ReviewApp>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_limit_of_github_is_waited_for_and_said()
    {
        var pull = await app.OpenAsync("limit");
        var requested = Assert.IsType<CommandResult<CodeReviewId>.Done>(await app.Commands.RequestAsync(app.RepositoryId, pull.Number, "Ada", ReviewTrigger.Requested, None));
        app.GitHub.Next(new Fault.RateLimit(DateTimeOffset.UtcNow.AddHours(1)) { Path = $"/pulls/{pull.Number}/reviews" });

        var review = await app.WhenAsync(requested.Value, static review => review.Row.Problem is not null);

        Assert.Equal(CodeReviewStatus.Posting, review.Row.Status);
        Assert.StartsWith("The review is not posted yet.", review.Row.Problem, StringComparison.Ordinal);
        Assert.Empty(pull.Reviews);
    }
}
