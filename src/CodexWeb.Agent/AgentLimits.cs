namespace CodexWeb.Agent;

/// <summary>Where a turn ends by itself. Wall-clock time is the host's to limit, through the cancellation token.</summary>
public sealed record AgentLimits
{
    /// <summary>Model requests in one turn that were answered. Default 300, at least 1.</summary>
    public int Steps { get; init; } = 300;

    /// <summary>Tokens of one tool's output that reach the model, head and tail, 4 bytes each. Default 10,000. The model may ask for fewer, not for more.</summary>
    public int ToolOutputTokens { get; init; } = 10_000;

    /// <summary>Repeats of a request that failed before its answer began. Default 4.</summary>
    public int RequestRetries { get; init; } = 4;

    /// <summary>Repeats of a request whose answer broke off. Default 5.</summary>
    public int StreamRetries { get; init; } = 5;

    /// <summary>The longest wait a provider may ask for; a longer one ends the turn. Default 10 minutes.</summary>
    public TimeSpan LongestRetryWait { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Bytes kept of one command's whole output. Default 256 MiB; what comes after is counted but not kept, and the log says so.</summary>
    public long OutputBytes { get; init; } = 256L << 20;

    /// <summary>Commands of one turn that live at the same time. Default 64.</summary>
    public int LiveCommands { get; init; } = 64;
}
