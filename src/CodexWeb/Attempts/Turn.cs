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

    /// <summary>Images and files sent along, in order.</summary>
    public List<Guid> Attachments { get; init; } = [];

    /// <summary>Text from pages the prompt links to, quoted as text from outside; null for none. The model reads it after the prompt.</summary>
    public string? OutsideText { get; init; }

    /// <summary>A patch that the server applies in place of an agent's work, git's format; null for a turn of the agent. The checks run after it.</summary>
    public string? Patch { get; init; }

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

    /// <summary>Hunks that a person took from another attempt; the turn has a <see cref="Turn.Patch"/>.</summary>
    public const string Hunks = "hunks";

    /// <summary>Hunks of the attempt's own change that a person dropped; the turn's <see cref="Turn.Patch"/> is taken back.</summary>
    public const string Drop = "drop";

    /// <summary>A review of a pull request.</summary>
    public const string Review = "review";
}
