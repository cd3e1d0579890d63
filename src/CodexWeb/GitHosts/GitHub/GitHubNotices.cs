using System.Security.Cryptography;
using Microsoft.Extensions.Caching.Memory;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>What came of a way through GitHub's pages.</summary>
/// <param name="Text">One to three sentences.</param>
/// <param name="IsProblem">True when it did not come to what it should.</param>
public sealed record GitHubNotice(string Text, bool IsProblem);

/// <summary>Keeps what the settings page is to say until the browser asks for it. The address holds a number alone: text in an address could be anybody's.</summary>
public sealed class GitHubNotices : IDisposable
{
    private readonly MemoryCache _notices = new(new MemoryCacheOptions { SizeLimit = 1000 });

    /// <summary>Keeps one for ten minutes.</summary>
    /// <returns>By what it is found.</returns>
    public string Keep(GitHubNotice notice)
    {
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        _notices.Set(key, notice, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(10) });
        return key;
    }

    /// <summary>Finds one; null when there is none of that key any more.</summary>
    public GitHubNotice? Find(string? key) => key is null ? null : _notices.Get<GitHubNotice>(key);

    /// <inheritdoc/>
    public void Dispose() => _notices.Dispose();
}
