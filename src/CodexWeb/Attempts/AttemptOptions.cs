using System.ComponentModel.DataAnnotations;

namespace CodexWeb.Attempts;

/// <summary>How much runs at once and for how long: section <c>Attempts</c>.</summary>
public sealed class AttemptOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Attempts";

    /// <summary>Attempts at work at once on this server, 1 to 256. Default: two for each processor, at least 4.</summary>
    [Range(1, 256)]
    public int MaxParallel { get; set; } = Math.Max(4, System.Environment.ProcessorCount * 2);

    /// <summary>Attempts of one person at work at once, 1 to 256. Default: as many as the server runs.</summary>
    [Range(1, 256)]
    public int MaxPerUser { get; set; } = 256;

    /// <summary>The longest a turn of an attempt may take, 1 second to 24 hours. Default 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan WallClock { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The most model requests a turn may take, 1 to 10,000. Default 300.</summary>
    [Range(1, 10_000)]
    public int MaxSteps { get; set; } = 300;

    /// <summary>
    /// Tokens of a model request from which on the conversation is compacted, 10,000 to 100,000,000; never more than 90 % of the model's window. Null, the default, for that 90 %.
    /// </summary>
    [Range(10_000, 100_000_000)]
    public int? CompactAt { get; set; }

    /// <summary>How long the workspace of an attempt at rest is kept, 0 to 365 days. Default 7 days. A follow-up after that starts from the last checkpoint.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan KeepWorkspaces { get; set; } = TimeSpan.FromDays(7);

    /// <summary>The most of one command's output that is kept, in MiB, 1 to 4096. Default 256.</summary>
    [Range(1, 4096)]
    public int OutputMiB { get; set; } = 256;
}
