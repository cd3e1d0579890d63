using CodexWeb.Data;

namespace CodexWeb.Repositories;

/// <summary>A Git repository tasks can be started on.</summary>
public sealed class Repository
{
    private Repository()
    {
    }

    /// <summary>Its id.</summary>
    public RepositoryId Id { get; private init; }

    /// <summary>What people call it, at most 100 characters.</summary>
    public string Name { get; private set; } = "";

    /// <summary>A Git URL or the path of a folder on the server.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The branch its origin's HEAD names.</summary>
    public string DefaultBranch { get; private set; } = "";

    /// <summary>True for the sample the server makes on its first start.</summary>
    public bool IsSample { get; private init; }

    /// <summary>The host's own number of it, which stays when it is renamed; null where the host has none.</summary>
    public long? HostRepositoryId { get; private set; }

    /// <summary>The GitHub connection it was connected by; null when none was needed. It may be gone.</summary>
    public GitHubAccountId? AccountId { get; private set; }

    /// <summary>When it was connected.</summary>
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Its folder's name in the server's mirror.</summary>
    public string Key => Id.ToString();

    /// <summary>A new connection.</summary>
    public static Repository Connect(RepositoryId id, string name, string url, string defaultBranch, bool sample, DateTimeOffset now) => new()
    {
        Id = id,
        Name = name,
        Url = url,
        DefaultBranch = defaultBranch,
        IsSample = sample,
        CreatedAt = now,
    };

    /// <summary>Takes the host's number of it, and the connection it is reached by.</summary>
    /// <param name="account">Null when it is no person's.</param>
    public void KnownAs(long hostRepositoryId, GitHubAccountId? account) => (HostRepositoryId, AccountId) = (hostRepositoryId, account);

    /// <summary>Follows a repository that its host calls by another name now, or keeps at another address.</summary>
    public void MoveTo(string name, string url) => (Name, Url) = (name, url);
}
