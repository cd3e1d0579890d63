using System.Text.Json.Serialization;
using CodexWeb.Data;
using CodexWeb.Review;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>A task's pull request.</summary>
/// <param name="Branch">The branch it comes from.</param>
/// <param name="Commit">That branch's newest commit.</param>
/// <param name="Checks">What they come to; failures that the base has too do not count.</param>
/// <param name="CheckRuns">The checks of the newest commit, failed ones first, at most 100.</param>
/// <param name="Review">What the reviewers decided.</param>
/// <param name="RevertedBy">What undid the merge; null while nothing did.</param>
/// <param name="Remark">What could not be done when it was opened or updated, with the host's own words; null for nothing.</param>
/// <param name="SyncProblem">Why it could not be read, with what to do; null when it could.</param>
internal sealed record PullRequestAnswer(
    string Url,
    int Number,
    PullRequestState State,
    string Title,
    string Base,
    string Branch,
    string Commit,
    MergeState Mergeable,
    ChecksState Checks,
    IReadOnlyList<PullRequestCheck> CheckRuns,
    ReviewDecision Review,
    DateTime OpenedAt,
    DateTime? MergedAt,
    DateTime? ClosedAt,
    string? RevertedBy,
    KeepGreenAnswer KeepGreen,
    string? Remark,
    DateTime SyncedAt,
    string? SyncProblem)
{
    public static PullRequestAnswer Of(PullRequestView pull) => new(
        pull.Url,
        pull.Number,
        pull.State,
        pull.Title,
        pull.BaseBranch,
        pull.HeadBranch,
        pull.HeadCommit,
        pull.Mergeable,
        pull.Checks,
        pull.CheckRuns,
        pull.Review,
        pull.OpenedAt.UtcDateTime,
        pull.MergedAt?.UtcDateTime,
        pull.ClosedAt?.UtcDateTime,
        pull.RevertedBy,
        new KeepGreenAnswer(pull.KeepGreen, pull.KeepGreenRounds, pull.KeepGreenMostRounds, pull.KeepGreenBudget, pull.KeepGreenNote),
        pull.Remark,
        pull.SyncedAt.UtcDateTime,
        pull.SyncProblem);
}

/// <summary>Whether failing checks and review comments become turns by themselves.</summary>
/// <param name="Rounds">Turns started so.</param>
/// <param name="MostRounds">At most so many.</param>
/// <param name="Budget">The task's cost at which it ends; null for none.</param>
/// <param name="Note">What it last did or why it stopped; null before.</param>
internal sealed record KeepGreenAnswer(bool On, int Rounds, int MostRounds, decimal? Budget, string? Note);

/// <summary>What to open, or to change of the one there is.</summary>
/// <param name="AttemptId">Null for the attempt that was pushed last, else the only one that changed files.</param>
/// <param name="Title">Null for one made from the whole change, or to leave it.</param>
/// <param name="Body">Markdown; null for one made from the whole change, the repository's template and the evidence, or to leave it.</param>
/// <param name="Base">The branch to merge into; null for the one the task started from, or to leave it.</param>
/// <param name="Draft">Null for ready, or to leave it.</param>
/// <param name="Labels">Labels to add.</param>
/// <param name="Reviewers">People to ask; <c>organisation/team</c> for a team.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PullRequestBody(AttemptId? AttemptId, string? Title, string? Body, string? Base, bool? Draft, List<string>? Labels, List<string>? Reviewers)
{
    public PullRequestRequest ToRequest() => new(AttemptId, Title, Body, Base, Draft, Labels, Reviewers);
}

/// <summary>Keep green on or off.</summary>
/// <param name="Rounds">At most so many turns, 1 to 20; null for 3.</param>
/// <param name="Budget">The task's cost at which it ends; null for none.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record KeepGreenBody(bool? On, int? Rounds, decimal? Budget);

/// <summary>What to merge.</summary>
/// <param name="AttemptId">Null for the attempt that was pushed last, else the only one that changed files.</param>
/// <param name="Base">Null for the pull request's base, else the branch the task started from.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ResolveBody(AttemptId? AttemptId, string? Base);
