namespace CodexWeb.GitHosts.Webhooks;

/// <summary>What is to be entered at GitHub.</summary>
/// <param name="Address">Where GitHub is to send webhooks.</param>
/// <param name="IsPublic">True when that is the whole address; false while a part of it only the person knows.</param>
/// <param name="Problem">Why none can be taken now, with what to do; null when they can.</param>
public sealed record WebhookSetup(string Address, bool IsPublic, string? Problem)
{
    /// <summary>The events something is done with, by GitHub's names for them.</summary>
    public const string Events = "Issues, Issue comments, Pull requests, Pull request reviews, Pull request review comments, Pull request review threads, Check runs, Check suites, Statuses, Pushes, Repositories";
}
