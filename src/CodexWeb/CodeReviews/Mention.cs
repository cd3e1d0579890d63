using CodexWeb.Data;

namespace CodexWeb.CodeReviews;

/// <summary>Where the work a mention started stands.</summary>
public enum MentionStatus
{
    /// <summary>Something is being started; a crash may have come between.</summary>
    Acting,

    /// <summary>The work goes on. Our comment says so and is changed once when it ends.</summary>
    Working,

    /// <summary>Nothing more is said there.</summary>
    Answered,
}

/// <summary>A text at GitHub that named us and was acted upon. One text starts one thing, however often it is delivered.</summary>
public sealed class Mention
{
    private Mention()
    {
    }

    /// <summary>Kind and GitHub's number of the text, for example <c>issue_comment-99</c>. Our comment carries it, so that there is one.</summary>
    public string Key { get; private init; } = "";

    /// <summary>The repository.</summary>
    public RepositoryId RepositoryId { get; private init; }

    /// <summary>The or pull request's number.</summary>
    public int Number { get; private init; }

    /// <summary>The text's page.</summary>
    public string Url { get; private init; } = "";

    /// <summary>Who wrote it: the login.</summary>
    public string Author { get; private init; } = "";

    /// <summary>The task it started or spoke to; null for a review, and before anything was started.</summary>
    public TaskId? TaskId { get; private set; }

    /// <summary>GitHub's number of our comment; null when there is none to change.</summary>
    public long? CommentId { get; private set; }

    /// <summary>Where it stands.</summary>
    public MentionStatus Status { get; private set; }

    /// <summary>When it was taken up.</summary>
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>The end is not to be told before: GitHub asked for patience.</summary>
    public DateTimeOffset DueAt { get; private set; }

    /// <summary>How often the end could not be told.</summary>
    public int Tries { get; private set; }

    /// <summary>A text that is being acted upon.</summary>
    public static Mention TakeUp(string key, RepositoryId repository, int number, string url, string author, DateTimeOffset now) => new()
    {
        Key = key,
        RepositoryId = repository,
        Number = number,
        Url = url,
        Author = author,
        CreatedAt = now,
        DueAt = now,
    };

    /// <summary>Work was started and our comment says so.</summary>
    /// <param name="comment">Null when the comment could not be written.</param>
    public void WorkOn(TaskId task, long? comment)
    {
        TaskId = task;
        CommentId = comment;
        Status = MentionStatus.Working;
    }

    /// <summary>Nothing more is to be said.</summary>
    public void Answer(long? comment)
    {
        CommentId ??= comment;
        Status = MentionStatus.Answered;
    }

    /// <summary>Puts off telling the end.</summary>
    public void TryAgain(DateTimeOffset at)
    {
        DueAt = at;
        Tries++;
    }
}
