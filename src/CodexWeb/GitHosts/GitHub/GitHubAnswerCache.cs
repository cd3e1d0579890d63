using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Answers that can be asked for again for free: GitHub counts "not modified" to no limit. At most 500 answers and 16 MB, none longer than an hour unused.</summary>
internal sealed class GitHubAnswerCache : IDisposable
{
    private const int MostBytes = 16 * 1024 * 1024;
    private const int MostAnswers = 500;

    private readonly MemoryCache _answers = new(new MemoryCacheOptions { SizeLimit = MostBytes });

    /// <summary>How many are stored.</summary>
    public int Count => _answers.Count;

    /// <summary>The stored answer; null for none.</summary>
    public GitHubAnswer? Find(GitHubRequest request) => request.Method == HttpMethod.Get ? _answers.Get<GitHubAnswer>(KeyOf(request)) : null;

    /// <summary>Stores an answer, if it can be asked for again.</summary>
    public void Keep(GitHubRequest request, GitHubAnswer answer)
    {
        if (request.Method == HttpMethod.Get && answer.ETag is not null && answer.Body.Length <= MostBytes / 8)
        {
            // One limit holds both: a small answer counts as if it were a 500th of the room.
            _answers.Set(KeyOf(request), answer, new MemoryCacheEntryOptions { Size = Math.Max(answer.Body.Length, MostBytes / MostAnswers), SlidingExpiration = TimeSpan.FromHours(1) });
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _answers.Dispose();

    /// <summary>Names a token without holding it.</summary>
    internal static string NameOf(GitHubToken? token) => token is { } secret ? Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret.Value))) : "";

    // Two people's answers differ for the same address.
    private static string KeyOf(GitHubRequest request) => $"{NameOf(request.Token)} {request.Accept} {request.Address.AbsoluteUri}";
}
