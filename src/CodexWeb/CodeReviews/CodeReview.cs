using System.Globalization;
using CodexWeb.Agent.Models;
using CodexWeb.Data;

namespace CodexWeb.CodeReviews;

/// <summary>What caused a review.</summary>
public enum ReviewTrigger
{
    /// <summary>A person in the page or by the API.</summary>
    Requested,

    /// <summary>A comment that names the server's bot.</summary>
    Mention,

    /// <summary>The environment reviews every pull request.</summary>
    Automatic,
}

/// <summary>Where a review stands.</summary>
public enum CodeReviewStatus
{
    /// <summary>The agent has not ended.</summary>
    Running,

    /// <summary>The findings are there and wait to be posted, perhaps again.</summary>
    Posting,

    /// <summary>Posted on the pull request; for a task's own change, shown here.</summary>
    Posted,

    /// <summary>It ended without a result; the problem says why.</summary>
    Failed,

    /// <summary>A newer commit was reviewed instead.</summary>
    Superseded,
}

/// <summary>A review of a pull request, or of a task's own change, at one commit. The agent's part is a task of its own, which reads only.</summary>
public sealed class CodeReview
{
    /// <summary>What the address of a task's page begins with.</summary>
    public const string TaskPage = "/tasks/";

    private CodeReview()
    {
    }

    /// <summary>Its id.</summary>
    public CodeReviewId Id { get; private init; }

    /// <summary>The repository.</summary>
    public RepositoryId RepositoryId { get; private init; }

    /// <summary>The pull request's number; 0 for a task's own change.</summary>
    public int Number { get; private init; }

    /// <summary>The pull request's title when the review began.</summary>
    public string Title { get; private init; } = "";

    /// <summary>The pull request's page, or this site's page of the task.</summary>
    public string Url { get; private init; } = "";

    /// <summary>The task that carries the agent's part.</summary>
    public TaskId TaskId { get; private init; }

    /// <summary>Where the change begins: the merge base of head and base branch.</summary>
    public string BaseCommit { get; private init; } = "";

    /// <summary>The commit that is reviewed.</summary>
    public string HeadCommit { get; private init; } = "";

    /// <summary>The branch the change is on, in the repository itself; null when it is a fork's.</summary>
    public string? HeadBranch { get; private init; }

    /// <summary>What caused it.</summary>
    public ReviewTrigger Trigger { get; private init; }

    /// <summary>Who asked, as shown.</summary>
    public string Requester { get; private init; } = "";

    /// <summary>Findings of this priority or a more urgent one are posted: 0 to 3, 0 the most urgent.</summary>
    public int Floor { get; private init; }

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Where it stands.</summary>
    public CodeReviewStatus Status { get; private set; }

    /// <summary>Why it failed or waits, with what to do; null when neither.</summary>
    public string? Problem { get; private set; }

    /// <summary>True for "patch is correct"; null before the agent's end.</summary>
    public bool? Correct { get; private set; }

    /// <summary>Why, one paragraph; null before the agent's end.</summary>
    public string? Explanation { get; private set; }

    /// <summary>0 to 1; null before the agent's end.</summary>
    public double? Confidence { get; private set; }

    /// <summary>The host's number of the posted review; null before.</summary>
    public long? PostedId { get; private set; }

    /// <summary>The posted review's page; null before.</summary>
    public string? PostedUrl { get; private set; }

    /// <summary>When it came to rest; null before.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>What was found, the most urgent first.</summary>
    public List<ReviewFinding> Findings { get; } = [];

    /// <summary>True while it is neither posted nor over.</summary>
    public bool IsUnderWay => Status is CodeReviewStatus.Running or CodeReviewStatus.Posting;

    /// <summary>The task whose own change is reviewed; null for a pull request.</summary>
    public TaskId? ReviewedTask => Number == 0 && Url.StartsWith(TaskPage, StringComparison.Ordinal) && Data.TaskId.TryParse(Url[TaskPage.Length..], CultureInfo.InvariantCulture, out var task) ? task : null;

    /// <summary>A review that begins.</summary>
    /// <param name="task">The agent's part.</param>
    public static CodeReview Begin(CodeReviewId id, TaskId task, ReviewTarget target, ReviewTrigger trigger, string requester, int floor, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(target);
        return new CodeReview
        {
            Id = id,
            TaskId = task,
            RepositoryId = target.RepositoryId,
            Number = target.Number,
            Title = target.Title,
            Url = target.Url,
            BaseCommit = target.BaseCommit,
            HeadCommit = target.HeadCommit,
            HeadBranch = target.HeadBranch,
            Trigger = trigger,
            Requester = requester,
            Floor = floor,
            CreatedAt = now,
        };
    }

    /// <summary>Takes what the agent found.</summary>
    /// <param name="report">The agent's own words.</param>
    /// <param name="findings">Those of its findings that are on lines of the change.</param>
    /// <param name="explanation">The report's, with what became of the other findings.</param>
    /// <exception cref="InvalidOperationException">It has a result already.</exception>
    public void Take(ReviewReport report, IEnumerable<ReviewFinding> findings, string explanation, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (Correct is not null)
        {
            throw new InvalidOperationException("The review has its result already.");
        }

        (Correct, Explanation, Confidence, Problem) = (report.Correct, explanation, report.Confidence, null);
        Findings.AddRange(findings);
        Status = Number == 0 ? CodeReviewStatus.Posted : CodeReviewStatus.Posting;
        EndedAt = Number == 0 ? now : null;
    }

    /// <summary>Notes that the host has it. Its comments' numbers are still to be read.</summary>
    public void NotePosted(long id, string? url) => (PostedId, PostedUrl) = (id, url);

    /// <summary>It is posted, and all is known about it.</summary>
    public void Rest(DateTimeOffset now) => (Status, Problem, EndedAt) = (CodeReviewStatus.Posted, null, now);

    /// <summary>Notes why it cannot be posted yet.</summary>
    /// <param name="problem">A sentence with what to do.</param>
    public void Wait(string problem) => Problem = problem;

    /// <summary>Ends it without a result, or without having posted it.</summary>
    /// <param name="problem">A sentence with what to do.</param>
    public void Fail(string problem, DateTimeOffset now) => (Status, Problem, EndedAt) = (CodeReviewStatus.Failed, problem, now);

    /// <summary>A newer commit is reviewed instead. What is posted stays so.</summary>
    public void Supersede(DateTimeOffset now)
    {
        if (IsUnderWay)
        {
            (Status, Problem, EndedAt) = (CodeReviewStatus.Superseded, "A newer commit came before this review was posted.", now);
        }
    }
}

/// <summary>What is to be reviewed; the members are those of <see cref="CodeReview"/>.</summary>
public sealed record ReviewTarget(RepositoryId RepositoryId, int Number, string Title, string Url, string BaseCommit, string HeadCommit, string? HeadBranch);
