using CodexWeb.Data;

namespace CodexWeb.Attempts;

/// <summary>A message from the person that starts work. The first is run by all attempts of the task, a follow-up by one.</summary>
public sealed class Turn
{
    /// <summary>The task.</summary>
    public TaskId TaskId { get; init; }

    /// <summary>1 for the first, counted over the whole task.</summary>
    public int Number { get; init; }

    /// <summary>The attempt that runs it; null for the first turn, which all run.</summary>
    public AttemptId? AttemptId { get; init; }

    /// <summary>Markdown, as typed, with the review comments that were sent along.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>What sent it: null for a person in the page or by the API, else one of <see cref="TurnSources"/>.</summary>
    public string? Source { get; init; }

    /// <summary>When it was sent.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>What sends turns beside a person.</summary>
public static class TurnSources
{
    /// <summary>Failing checks or review comments of a pull request.</summary>
    public const string KeepGreen = "keep-green";

    /// <summary>A comment at the Git host that names the product.</summary>
    public const string Mention = "mention";

    /// <summary>A person who asked for a newer base to be merged.</summary>
    public const string Conflicts = "conflicts";

    /// <summary>A review of a pull request.</summary>
    public const string Review = "review";
}
