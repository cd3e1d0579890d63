using System.Text.Json.Serialization;
using CodexWeb.Data;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>How a person's connection came to be.</summary>
public enum GitHubAccountKind
{
    /// <summary>A token the person made at GitHub and pasted.</summary>
    Token,

    /// <summary>The OAuth flow, of an OAuth app or of a GitHub App.</summary>
    [JsonStringEnumMemberName("oauth")]
    OAuth,
}

/// <summary>A person's connection to GitHub. Its secrets are kept encrypted and leave the server in requests to GitHub alone.</summary>
public sealed class GitHubAccount
{
    private GitHubAccount()
    {
    }

    /// <summary>Its id.</summary>
    public GitHubAccountId Id { get; private init; }

    /// <summary>Whose connection it is: the person as tasks name their author.</summary>
    public string Person { get; private init; } = "";

    /// <summary>How it came to be, the last time.</summary>
    public GitHubAccountKind Kind { get; private set; }

    /// <summary>GitHub's number of the user; stays when the user is renamed.</summary>
    public long UserId { get; private init; }

    /// <summary>The user's name at GitHub.</summary>
    public string Login { get; private set; } = "";

    /// <summary>The access token, encrypted.</summary>
    public string Secret { get; private set; } = "";

    /// <summary>The refresh token, encrypted; null when the access token does not expire.</summary>
    public string? RefreshSecret { get; private set; }

    /// <summary>When the access token ends; null when it does not, or GitHub does not say.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>What the token may do, as GitHub names it, separated by commas; empty for fine-grained tokens, which do not say.</summary>
    public string Scopes { get; private set; } = "";

    /// <summary>When it was connected.</summary>
    public DateTimeOffset ConnectedAt { get; private init; }

    /// <summary>Why it does not work any more, with what to do; null while it does.</summary>
    public string? Problem { get; private set; }

    /// <summary>A new connection.</summary>
    public static GitHubAccount Connect(string person, GitHubAccountKind kind, long userId, string login, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new GitHubAccount
        {
            Id = Data.Id.New<GitHubAccountId>(time),
            Person = person,
            Kind = kind,
            UserId = userId,
            Login = login,
            ConnectedAt = time.GetUtcNow(),
        };
    }

    /// <summary>Takes new secrets, encrypted already; what was wrong before is forgotten.</summary>
    public void Hold(string secret, string? refreshSecret, DateTimeOffset? expiresAt, string scopes, string login)
    {
        Secret = secret;
        RefreshSecret = refreshSecret;
        ExpiresAt = expiresAt;
        Scopes = scopes;
        Login = login;
        Problem = null;
    }

    /// <summary>Takes what another way of connecting gave.</summary>
    public void ConnectBy(GitHubAccountKind kind) => Kind = kind;

    /// <summary>Notes that it does not work any more.</summary>
    public void Fail(string problem) => Problem = problem;
}
