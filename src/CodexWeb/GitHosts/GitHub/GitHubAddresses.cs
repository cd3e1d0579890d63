using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Where the one GitHub of this server is, and which Git addresses are its repositories.</summary>
public sealed partial class GitHubAddresses
{
    /// <summary>By the settings.</summary>
    public GitHubAddresses(IOptions<GitHubOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Web = options.Value.BaseUrl.Host == "www.github.com" ? new Uri("https://github.com/") : WithSlash(options.Value.BaseUrl);
        Api = options.Value.ApiUrl is { } api ? WithSlash(api) : ApiOf(Web);
        // https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql: beside v3, not below it.
        GraphQl = Api.AbsolutePath.EndsWith("/api/v3/", StringComparison.Ordinal) ? new Uri(Api, "../graphql") : new Uri(Api, "graphql");
    }

    /// <summary>The pages; ends with a slash.</summary>
    public Uri Web { get; }

    /// <summary>The REST interface; ends with a slash. Unless set: api.github.com for github.com, <c>api.</c> before a name under ghe.com, else <c>/api/v3/</c> below <see cref="Web"/>.</summary>
    public Uri Api { get; }

    /// <summary>The GraphQL interface.</summary>
    public Uri GraphQl { get; }

    /// <summary>True when a Git address is a repository of this GitHub.</summary>
    public bool Owns(string gitUrl) => NameOf(gitUrl) is not null;

    /// <summary>The repository a Git address means: <c>https://host/o/n(.git)</c>, <c>git@host:o/n.git</c> or <c>ssh://git@host/o/n.git</c>; null when it is not of this GitHub.</summary>
    public GitHubRepositoryName? NameOf(string gitUrl)
    {
        ArgumentNullException.ThrowIfNull(gitUrl);
        if (ShortForm().Match(gitUrl) is { Success: true } match)
        {
            return IsHost(match.Groups["host"].Value) ? NameIn(match.Groups["path"].Value) : null;
        }

        if (!Uri.TryCreate(gitUrl, UriKind.Absolute, out var address) || address.Query.Length > 0 || address.Fragment.Length > 0)
        {
            return null;
        }

        return address.Scheme switch
        {
            "ssh" or "git+ssh" => IsHost(address.Host) || IsSshHost(address.Host) ? NameIn(address.AbsolutePath) : null,
            _ when address.Scheme == Web.Scheme && address.Port == Web.Port && IsHost(address.Host) && address.AbsolutePath.StartsWith(Web.AbsolutePath, StringComparison.Ordinal) =>
                NameIn(address.AbsolutePath[Web.AbsolutePath.Length..]),
            _ => null,
        };
    }

    /// <summary>The address a repository is cloned from over HTTP.</summary>
    public string CloneUrl(GitHubRepositoryName repository) => $"{Web}{repository}.git";

    /// <summary>The address of a repository in the form another address has: SSH stays SSH.</summary>
    public string AddressLike(string gitUrl, GitHubRepositoryName repository)
    {
        ArgumentNullException.ThrowIfNull(gitUrl);
        var before = NameOf(gitUrl)?.ToString();
        var at = before is null || gitUrl.StartsWith("http", StringComparison.OrdinalIgnoreCase) ? -1 : gitUrl.LastIndexOf(before, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? CloneUrl(repository) : $"{gitUrl[..at]}{repository}{gitUrl[(at + before!.Length)..]}";
    }

    /// <summary>An address GitHub named, if it is one of its own pages; null for anything else.</summary>
    public Uri? PageOf(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme == Web.Scheme && address.Port == Web.Port && IsHost(address.Host) && address.UserInfo.Length == 0 ? address : null;

    private static Uri ApiOf(Uri web) => web switch
    {
        { Host: "github.com" } => new Uri("https://api.github.com/"),
        // Enterprise Cloud with data residency: https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency
        _ when web.Host.EndsWith(".ghe.com", StringComparison.Ordinal) => new Uri($"https://api.{web.Host}/"),
        _ => new Uri(web, "api/v3/"),
    };

    private static Uri WithSlash(Uri address) => address.AbsoluteUri.EndsWith('/') ? address : new Uri($"{address.AbsoluteUri}/");

    private static GitHubRepositoryName? NameIn(string path)
    {
        var plain = path.Trim('/');
        plain = plain.EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? plain[..^4] : plain;
        return GitHubRepositoryName.TryParse(plain, out var name) ? name : null;
    }

    private bool IsHost(string host) =>
        string.Equals(host, Web.Host, StringComparison.OrdinalIgnoreCase) || (Web.Host == "github.com" && string.Equals(host, "www.github.com", StringComparison.OrdinalIgnoreCase));

    // https://docs.github.com/en/authentication/troubleshooting-ssh/using-ssh-over-the-https-port
    private bool IsSshHost(string host) => string.Equals(host, $"ssh.{Web.Host}", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"\A(?:[^@/:\s]+@)?(?<host>[^@/:\s]+):(?<path>/?[^/\s][^\s]*)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ShortForm();
}
