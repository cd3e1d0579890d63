using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace CodexWeb.EmulatedGitHub;

/// <summary>What someone may do in a repository, in GitHub's words and order.</summary>
public enum RepositoryRole
{
    None,
    Read,
    Triage,
    Write,
    Maintain,
    Admin,
}

/// <summary>A repository with its branches, pull requests, issues and checks.</summary>
public sealed partial class HostedRepository
{
    private readonly ConcurrentDictionary<long, (HostedAccount Account, RepositoryRole Role)> _collaborators = new();
    private ImmutableList<string> _formerNames = [];

    internal HostedRepository(GitHubServer server, long id, HostedAccount owner, string name, BareRepository git)
    {
        Server = server;
        Id = id;
        Owner = owner;
        Name = name;
        Git = git;
        CreatedAt = server.Now();
        PushedAt = CreatedAt;
    }

    public long Id { get; }

    public HostedAccount Owner { get; private set; }

    public string Name { get; private set; }

    /// <summary><c>owner/name</c>.</summary>
    public string FullName => $"{Owner.Login}/{Name}";

    /// <summary>Only those who are allowed see it.</summary>
    public bool Private { get; set; }

    /// <summary>Nothing can be written any more.</summary>
    public bool Archived { get; set; }

    /// <summary>Null: none.</summary>
    public string? Description { get; set; }

    public string DefaultBranch { get; set; } = "main";

    /// <summary>Whether a squashed commit is a way to merge here.</summary>
    public bool AllowsSquash { get; set; } = true;

    /// <summary>The repository this one was forked from; null when it is none.</summary>
    public HostedRepository? Parent { get; internal set; }

    /// <summary>The branches themselves, for a test that looks or changes by Git.</summary>
    public BareRepository Git { get; }

    /// <summary>The address to clone from.</summary>
    public Uri CloneUrl => new($"{Server.Web}{FullName}.git");

    /// <summary>The address of its page.</summary>
    public Uri Page => new($"{Server.Web}{FullName}");

    internal GitHubServer Server { get; }

    /// <summary>Held while a push changes branches.</summary>
    internal SemaphoreSlim Pushing { get; } = new(1, 1);

    internal DateTimeOffset CreatedAt { get; }

    internal DateTimeOffset PushedAt { get; set; }

    /// <summary>Whoever may write here, for what a test does without saying who.</summary>
    internal HostedAccount Somebody => Collaborators.Where(static pair => pair.Role >= RepositoryRole.Write).Select(static pair => pair.Account).FirstOrDefault() ?? Owner;

    internal IEnumerable<(HostedAccount Account, RepositoryRole Role)> Collaborators =>
        _collaborators.Values.Concat(Owner.Kind == AccountKind.User ? [(Owner, RepositoryRole.Admin)] : []).DistinctBy(static pair => pair.Item1.Id);

    /// <summary>Gives someone a role here, or takes it away again.</summary>
    public void Allow(HostedAccount account, RepositoryRole role)
    {
        if (role == RepositoryRole.None)
        {
            _collaborators.TryRemove(account.Id, out _);
        }
        else
        {
            _collaborators[account.Id] = (account, role);
        }
    }

    /// <summary>What someone may do here, everything counted.</summary>
    public RepositoryRole RoleOf(HostedAccount account) =>
        account.Id == Owner.Id ? RepositoryRole.Admin
        : _collaborators.TryGetValue(account.Id, out var known) ? known.Role
        : Private ? RepositoryRole.None
        : RepositoryRole.Read;

    /// <summary>The commit of a branch; null when there is no such branch.</summary>
    public Task<string?> HeadAsync(string branch) => Git.CommitOfAsync($"refs/heads/{branch}");

    /// <summary>Makes a commit on a branch as if somebody had pushed it: pull requests follow, webhooks are sent.</summary>
    /// <param name="files">A file without content is deleted.</param>
    /// <returns>The commit.</returns>
    public async Task<string> CommitAsync(string branch, string message, params IEnumerable<(string Path, string? Content)> files)
    {
        var before = await Git.BranchesAsync();
        var commit = await Git.CommitAsync(branch, message, files);
        await PushedAsync(before, Somebody);
        return commit;
    }

    /// <summary>Deletes a branch, as the button of a merged pull request does.</summary>
    public async Task DeleteBranchAsync(string branch)
    {
        var before = await Git.BranchesAsync();
        await Git.RunAsync("update-ref", "-d", $"refs/heads/{branch}");
        await PushedAsync(before, Somebody);
    }

    /// <summary>Makes a copy in another account, from which pull requests to this one can come.</summary>
    public async Task<HostedRepository> ForkAsync(HostedAccount owner)
    {
        var fork = Server.AddBare($"{owner.Login}/{Name}", Private);
        await fork.Git.RunAsync("fetch", "--quiet", "--", Git.Folder, "refs/heads/*:refs/heads/*");
        fork.Parent = this;
        return fork;
    }

    internal bool IsCalled(string fullName) => string.Equals(FullName, fullName, StringComparison.OrdinalIgnoreCase);

    internal bool WasCalled(string fullName) => _formerNames.Contains(fullName, StringComparer.OrdinalIgnoreCase);

    internal void MoveTo(HostedAccount owner, string name)
    {
        _formerNames = _formerNames.Add(FullName);
        (Owner, Name) = (owner, name);
    }

    /// <summary>Follows up on branches that are not what they were.</summary>
    internal async Task PushedAsync(IReadOnlyDictionary<string, string> before, HostedAccount pusher)
    {
        var after = await Git.BranchesAsync();
        foreach (var branch in before.Keys.Union(after.Keys, StringComparer.Ordinal))
        {
            var (old, now) = (before.GetValueOrDefault(branch), after.GetValueOrDefault(branch));
            if (old == now)
            {
                continue;
            }

            PushedAt = Server.Now();
            await Server.Webhooks.PushAsync(this, branch, old, now, pusher);
            foreach (var pull in Server.Repositories.SelectMany(static repository => repository.Pulls).Where(pull => pull.IsOpen))
            {
                await pull.FollowAsync(this, branch, now, pusher);
            }
        }
    }
}
