using CodexWeb.Tasks;

namespace CodexWeb.Review;

/// <summary>How often a pull request is read without a webhook.</summary>
internal static class PullRequestPace
{
    private static readonly TimeSpan Soonest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Latest = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Recent = TimeSpan.FromHours(1);
    private static readonly TimeSpan Followed = TimeSpan.FromDays(14);

    /// <summary>When to look next: every minute while checks run or within an hour of a change, then ever more seldom; one that was merged or closed hourly for 14 days.</summary>
    /// <param name="changedAt">When it last changed at the host.</param>
    /// <returns>Null when no more.</returns>
    public static DateTimeOffset? Next(PullRequestReading reading, DateTimeOffset changedAt, DateTimeOffset now)
    {
        var age = now - (reading.MergedAt ?? changedAt);
        return reading.State switch
        {
            PullRequestState.Merged or PullRequestState.Closed => age < Followed ? now + Recent : null,
            // The host works out whether it can be merged within seconds.
            _ when reading.Mergeable is MergeState.Unknown && age < Recent => now + Soon,
            _ when reading.Checks is ChecksState.Pending || age < Recent => now + Soonest,
            _ => now + TimeSpan.FromTicks(Math.Clamp(age.Ticks / 60, Soonest.Ticks, Latest.Ticks)),
        };
    }
}
