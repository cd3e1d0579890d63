namespace CodexWeb.Agent.Workspaces;

/// <summary>Knows with what the server signs in at hosts of repositories.</summary>
public interface IGitCredentials
{
    /// <summary>The credential for one address; it is asked for anew before every command.</summary>
    /// <param name="url">An http or https URL without user info.</param>
    /// <returns>Null when there is none: the command then runs without.</returns>
    ValueTask<GitCredential?> FindAsync(string url, CancellationToken cancellationToken);

    /// <summary>What a person can do when the host wants a sign-in that the server has not, or does not take the one it has: one or two sentences.</summary>
    string Advice(string url);
}

/// <summary>No credentials at all.</summary>
public sealed class NoCredentials : IGitCredentials
{
    /// <inheritdoc/>
    public ValueTask<GitCredential?> FindAsync(string url, CancellationToken cancellationToken) => ValueTask.FromResult<GitCredential?>(null);

    /// <inheritdoc/>
    public string Advice(string url) => "Use an address that needs none, or an SSH address with a key of the server's user.";
}

/// <summary>A user name and a password or token. Its text shows neither.</summary>
public sealed class GitCredential
{
    private const int MaxLength = 2000;
    private const string Unusable = "It is empty, too long, or has characters that no credential has.";

    /// <summary>A credential.</summary>
    /// <param name="userName">What the host wants as name; for tokens often a fixed word.</param>
    /// <param name="password">The password or token.</param>
    /// <exception cref="ArgumentException">One is empty, has control characters, or is longer than 2,000 characters.</exception>
    public GitCredential(string userName, string password)
    {
        UserName = IsUsable(userName) ? userName : throw new ArgumentException(Unusable, nameof(userName));
        Password = IsUsable(password) ? password : throw new ArgumentException(Unusable, nameof(password));
    }

    internal string UserName { get; }

    internal string Password { get; }

    public override string ToString() => "[credential]";

    /// <summary>Takes the secret out of a text: a host may say it back.</summary>
    internal string HideIn(string text) => text
        .Replace(Password, "[secret]", StringComparison.Ordinal)
        .Replace(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{UserName}:{Password}")), "[secret]", StringComparison.Ordinal);

    private static bool IsUsable(string text) => text.Length is > 0 and <= MaxLength && !text.Any(char.IsControl);
}
