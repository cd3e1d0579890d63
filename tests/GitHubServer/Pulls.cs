using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>A pull request. Whether it can be merged, what it changes and where its ends are is read from Git.</summary>
public sealed partial class HostedPull
{
    private ImmutableDictionary<(string Base, string Head), string?> _trees = ImmutableDictionary<(string, string), string?>.Empty;

    internal HostedPull(HostedIssue issue, HostedRepository headRepository, string headBranch, string baseBranch)
    {
        Issue = issue;
        Id = issue.Repository.Server.NextId();
        HeadRepository = headRepository;
        HeadBranch = headBranch;
        BaseBranch = baseBranch;
    }

    public HostedIssue Issue { get; }

    public HostedRepository Repository => Issue.Repository;

    public long Id { get; }

    public int Number => Issue.Number;

    public string Title => Issue.Title;

    public string? Body => Issue.Body;

    public bool IsOpen => Issue.State == "open";

    public bool Draft { get; internal set; }

    public bool Merged => MergedAt is not null;

    public DateTimeOffset? MergedAt { get; private set; }

    public HostedAccount? MergedBy { get; private set; }

    /// <summary>The commit that the merge made; null before.</summary>
    public string? MergeCommit { get; private set; }

    /// <summary>Where the branch is: here, or in a fork.</summary>
    public HostedRepository HeadRepository { get; }

    public string HeadBranch { get; }

    public string HeadSha { get; private set; } = "";

    public string BaseBranch { get; internal set; }

    public string BaseSha { get; private set; } = "";

    public ImmutableList<HostedAccount> RequestedReviewers { get; internal set; } = [];

    /// <summary>How many answers still say that it is not known yet whether this can be merged, as GitHub's do for a moment after every change.</summary>
    public int AnswersBeforeMergeabilityIsKnown { get; set; }

    internal string NodeId => $"PR_{Id}";

    internal string ApiUrl => $"{Repository.ApiUrl}/pulls/{Number}";

    /// <summary>Merges, with a commit of two parents or, squashed, of one, on the base branch.</summary>
    /// <param name="by">Null: whoever may write.</param>
    /// <returns>The commit.</returns>
    /// <exception cref="InvalidOperationException">It is closed, a draft, or has conflicts.</exception>
    public async Task<string> MergeAsync(HostedAccount? by = null, bool squash = false, string? title = null, string? message = null)
    {
        var merger = by ?? Repository.Somebody;
        await Repository.Pushing.WaitAsync();
        try
        {
            if (!IsOpen || Draft || await TreeAsync() is not { } tree)
            {
                throw new InvalidOperationException(!IsOpen ? "Pull Request is not open" : Draft ? "Pull Request is still a draft" : "Pull Request is not mergeable");
            }

            var before = await Repository.Git.BranchesAsync();
            var subject = title ?? (squash ? $"{Title} (#{Number})" : $"Merge pull request #{Number} from {HeadRepository.Owner.Login}/{HeadBranch}");
            string[] parents = squash ? ["-p", BaseSha] : ["-p", BaseSha, "-p", HeadSha];
            MergeCommit = await Repository.Git.RunAsync(["commit-tree", .. parents, "-m", subject, "-m", message ?? Title, tree]);
            await Repository.Git.RunAsync("update-ref", $"refs/heads/{BaseBranch}", MergeCommit, BaseSha);
            await EndAsync(merger, merged: true);
            await Repository.PushedAsync(before, merger);
            return MergeCommit;
        }
        finally
        {
            Repository.Pushing.Release();
        }
    }

    /// <summary>Closes without merging.</summary>
    public Task CloseAsync(HostedAccount? by = null) => EndAsync(by ?? Repository.Somebody, merged: false);

    /// <summary>Opens again what was closed without merging.</summary>
    public async Task ReopenAsync(HostedAccount? by = null)
    {
        if (Merged || await HeadRepository.HeadAsync(HeadBranch) is not { } head)
        {
            throw Refusal.Custom("PullRequest", Merged ? "state cannot be changed. The pull request cannot be reopened." : $"state cannot be changed. The {HeadBranch} branch has been deleted.", "state");
        }

        Issue.State = "open";
        Issue.ClosedAt = null;
        await TakeAsync(head, await Repository.HeadAsync(BaseBranch) ?? BaseSha);
        await Repository.Server.Webhooks.PullAsync("reopened", this, by ?? Repository.Somebody);
    }

    /// <summary>Makes it ready for review, or a draft.</summary>
    public async Task SetDraftAsync(bool draft, HostedAccount? by = null)
    {
        if (Draft != draft)
        {
            Draft = draft;
            Issue.Touch();
            await Repository.Server.Webhooks.PullAsync(draft ? "converted_to_draft" : "ready_for_review", this, by ?? Repository.Somebody);
        }
    }

    /// <summary>Takes what the branches point at now, and keeps <c>refs/pull/N/head</c> there.</summary>
    internal async Task TakeAsync(string head, string @base)
    {
        var reference = $"refs/pull/{Number.ToString(CultureInfo.InvariantCulture)}/head";
        if (HeadRepository == Repository)
        {
            await Repository.Git.RunAsync("update-ref", reference, head);
        }
        else
        {
            await Repository.Git.RunAsync("fetch", "--quiet", "--no-tags", "--", HeadRepository.Git.Folder, $"+refs/heads/{HeadBranch}:{reference}");
        }

        var former = HeadSha;
        (HeadSha, BaseSha) = (head, @base);
        Issue.Touch();
        await MoveThreadsAsync(former);
    }

    /// <summary>Follows a branch that was pushed, when it is one of the two.</summary>
    internal async Task FollowAsync(HostedRepository repository, string branch, string? now, HostedAccount pusher)
    {
        if (repository == HeadRepository && branch == HeadBranch)
        {
            if (now is null)
            {
                await EndAsync(pusher, merged: false);
                return;
            }

            var former = HeadSha;
            await TakeAsync(now, await Repository.HeadAsync(BaseBranch) ?? BaseSha);
            await Repository.Server.Webhooks.PullAsync("synchronize", this, pusher, new JsonObject { ["before"] = former, ["after"] = now });
        }
        else if (repository == Repository && branch == BaseBranch && now is not null)
        {
            BaseSha = now;
            if (IsOpen && await Repository.Git.ContainsAsync(now, HeadSha))
            {
                // Somebody pushed what the pull request holds.
                MergeCommit = now;
                await EndAsync(pusher, merged: true);
            }
        }
    }

    /// <summary>The tree that merging makes; null when there are conflicts.</summary>
    internal async Task<string?> TreeAsync()
    {
        var ends = (BaseSha, HeadSha);
        if (!_trees.TryGetValue(ends, out var tree))
        {
            tree = await Repository.Git.MergeTreeAsync(ends.BaseSha, ends.HeadSha);
            ImmutableInterlocked.TryAdd(ref _trees, ends, tree);
        }

        return tree;
    }

    /// <summary>What it changes, since the branches parted.</summary>
    internal async Task<PullDiff> DiffAsync(string? head = null)
    {
        var end = head ?? HeadSha;
        return await PullDiff.ReadAsync(Repository.Git, await Repository.Git.MergeBaseAsync(BaseSha, end) ?? BaseSha, end);
    }

    private async Task EndAsync(HostedAccount by, bool merged)
    {
        if (!IsOpen)
        {
            return;
        }

        Issue.State = "closed";
        Issue.ClosedAt = Repository.Server.Now();
        if (merged)
        {
            MergedAt = Issue.ClosedAt;
            MergedBy = by;
        }

        Issue.Touch();
        await Repository.Server.Webhooks.PullAsync("closed", this, by);
    }
}
