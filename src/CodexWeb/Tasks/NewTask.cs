using CodexWeb.Agent;
using CodexWeb.Data;

namespace CodexWeb.Tasks;

/// <summary>What somebody asks for.</summary>
public sealed record NewTask
{
    /// <summary>The repository; null when <see cref="EnvironmentId"/> names one.</summary>
    public RepositoryId? RepositoryId { get; init; }

    /// <summary>The environment; null for the repository's default one.</summary>
    public EnvironmentId? EnvironmentId { get; init; }

    /// <summary>Ask or Code.</summary>
    public TaskMode Mode { get; init; }

    /// <summary>Markdown, 1 to <see cref="TaskCommands.LongestPrompt"/> characters.</summary>
    public required string Prompt { get; init; }

    /// <summary>Images and files that go along, in order; at most <see cref="Attachments.MostPerMessage"/>. Default: none.</summary>
    public IReadOnlyList<AttachmentId> Attachments { get; init; } = [];

    /// <summary>The branch to start from; null for the repository's default branch.</summary>
    public string? Branch { get; init; }

    /// <summary>A model's id; null for the default.</summary>
    public string? Model { get; init; }

    /// <summary>As the provider names it; null for its default.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>1 to 4.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>A model's id for each attempt, in their order, instead of <see cref="Model"/>; as many as <see cref="Attempts"/>. Null: all work with one model.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>What a person is asked before it happens.</summary>
    public ApprovalMode Approval { get; init; }

    /// <summary>Minutes of work of all attempts together, at least 1; null for no limit.</summary>
    public int? BudgetMinutes { get; init; }

    /// <summary>US dollars of all attempts together, more than 0; null for no limit.</summary>
    public decimal? BudgetCost { get; init; }

    /// <summary>One line, cut at 120 characters; null for one made from the prompt.</summary>
    public string? Title { get; init; }

    /// <summary>The page outside it is started from; null when a person asks here.</summary>
    public TaskSource? Source { get; init; }

    /// <summary>A commit of the server's mirror to start from, whatever <see cref="Branch"/> is at; then that need not be a branch of the origin. Null for the branch's newest.</summary>
    public string? BaseCommit { get; init; }

    /// <summary>The review whose agent's part it is; null for none.</summary>
    public CodeReviewId? ReviewId { get; init; }

    /// <summary>Adds what is to be stored together with the task, or not at all; null for nothing.</summary>
    public Action<CodexDb, CodexTask>? StoredWith { get; init; }
}

/// <summary>A page outside that a task was started from.</summary>
/// <param name="Url">The page's address.</param>
/// <param name="Label">The page in words: <c>acme/shop#12</c>.</param>
public sealed record TaskSource(string Url, string Label)
{
    /// <summary>True when the address can be linked to: it is that of a web page.</summary>
    public bool IsPage => Uri.TryCreate(Url, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp);
}

/// <summary>A remark on a line of the diff that is sent along with a follow-up.</summary>
/// <param name="Line">The line's number on its side.</param>
/// <param name="Side"><c>new</c> or <c>old</c>.</param>
public sealed record ReviewComment(string Path, int Line, string Side, string Text);

/// <summary>What a deletion took away.</summary>
/// <param name="KeptBranch">The branch that was pushed and stays at the origin; null when none was.</param>
public sealed record DeletedTask(int Attempts, long Events, long OutputBytes, string? KeptBranch);
