using System.Text.RegularExpressions;

namespace CodexWeb.Agent.Workspaces;

/// <summary>How a repository is reached.</summary>
public enum RepositoryUrlKind
{
    /// <summary>A folder of the server.</summary>
    Folder,

    /// <summary>http or https.</summary>
    Web,

    /// <summary>ssh.</summary>
    Ssh,
}

/// <summary>The address of a repository that passed the rules: it can be handed to Git without meaning anything else.</summary>
public sealed partial record RepositoryUrl
{
    private const int MaxLength = 2000;

    private RepositoryUrl(RepositoryUrlKind kind, string address)
    {
        Kind = kind;
        Address = address;
    }

    /// <summary>How it is reached.</summary>
    public RepositoryUrlKind Kind { get; }

    /// <summary>What Git is given: an absolute path, an http, https or ssh URL, or <c>user@host:path</c>.</summary>
    public string Address { get; }

    /// <summary>A short name for people: the last part without <c>.git</c>.</summary>
    public string Name
    {
        get
        {
            var last = Address.TrimEnd('/').Split('/', ':')[^1];
            return last.EndsWith(".git", StringComparison.Ordinal) && last.Length > 4 ? last[..^4] : last;
        }
    }

    /// <summary>Reads an address as a person typed it: an absolute path, <c>file://</c>, <c>https://</c>, <c>http://</c>, <c>ssh://</c> or <c>user@host:path</c>.</summary>
    /// <exception cref="RepositoryException">It is none of these, or it carries a password or an option.</exception>
    public static RepositoryUrl Parse(string text)
    {
        var address = text.Trim();
        if (address.Length is 0 or > MaxLength || address.Any(char.IsControl))
        {
            throw new RepositoryException("Enter the address of a Git repository: an https or ssh URL, or the absolute path of a folder on the server.");
        }

        if (address[0] == '/')
        {
            return new RepositoryUrl(RepositoryUrlKind.Folder, Path.GetFullPath(address));
        }

        // user@host:path has no scheme; "transport::address" would let Git run a program.
        var secure = SecureShell().Match(address);
        if (secure.Success && !secure.Groups["path"].Value.StartsWith(':'))
        {
            return new RepositoryUrl(RepositoryUrlKind.Ssh, address);
        }

        return address.Contains("://", StringComparison.Ordinal) && Uri.TryCreate(address, UriKind.Absolute, out var uri)
            ? FromUri(address, uri)
            : throw new RepositoryException(
                $"'{address}' is not the address of a repository. Use an https or ssh URL, or the absolute path of a folder on the server, beginning with '/'.");
    }

    public override string ToString() => Address;

    private static RepositoryUrl FromUri(string address, Uri uri)
    {
        if (uri.Scheme is not ("https" or "http" or "ssh" or "file"))
        {
            throw new RepositoryException($"Repositories are not fetched by '{uri.Scheme}'. Use https, ssh, or the absolute path of a folder on the server.");
        }

        if (uri.Scheme == "file")
        {
            return uri.Host.Length == 0
                ? new RepositoryUrl(RepositoryUrlKind.Folder, Path.GetFullPath(uri.LocalPath))
                : throw new RepositoryException("A file URL names a folder of this server: write file:///path, or just the path.");
        }

        if (uri.UserInfo.Contains(':', StringComparison.Ordinal) || (uri.Scheme != "ssh" && uri.UserInfo.Length > 0))
        {
            throw new RepositoryException(
                "The address carries a user name or password, which would be stored and shown. Leave it out. For a private repository connect its host in Settings, or use an SSH address with a key of the server's user.");
        }

        if (uri.Host.Length == 0 || uri.Host[0] == '-' || uri.UserInfo.StartsWith('-') || address.AsSpan().ContainsAny(" \"'`\\"))
        {
            throw new RepositoryException($"'{address}' is not a usable address: the host is missing or malformed.");
        }

        return new RepositoryUrl(uri.Scheme == "ssh" ? RepositoryUrlKind.Ssh : RepositoryUrlKind.Web, address);
    }

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:(?<path>[^\s-]\S*)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SecureShell();
}
