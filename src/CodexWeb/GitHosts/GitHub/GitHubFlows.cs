using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Caching.Memory;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>A way through GitHub's pages that a browser has begun and comes back from.</summary>
/// <param name="Purpose">What it is for: what was begun for one thing does not end another.</param>
/// <param name="State">What GitHub hands back; unguessable.</param>
/// <param name="Verifier">The secret of PKCE (RFC 7636), of which GitHub is shown the hash first.</param>
/// <param name="ReturnAddress">Where GitHub sends the browser back to.</param>
/// <param name="EndsAt">Not good after that.</param>
public sealed record GitHubFlow(string Purpose, string State, string Verifier, Uri ReturnAddress, DateTimeOffset EndsAt)
{
    /// <summary>The hash of the verifier.</summary>
    [JsonIgnore]
    public string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));
}

/// <summary>
/// Keeps a way through GitHub's pages with the browser that began it: encrypted, in a cookie no script can read, for ten minutes and for one return.
/// So nobody can have somebody else's browser end what he began himself.
/// </summary>
public sealed class GitHubFlows(IDataProtectionProvider protection, TimeProvider time) : IDisposable
{
    private const string CookieName = "codexweb.github";
    private const string CookiePath = "/github";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly IDataProtector _protector = protection.CreateProtector("CodexWeb.GitHub.Flow");
    private readonly MemoryCache _used = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    /// <summary>Begins one.</summary>
    public GitHubFlow Begin(HttpContext http, string purpose, Uri returnAddress)
    {
        ArgumentNullException.ThrowIfNull(http);
        var flow = new GitHubFlow(purpose, Random(), Random(), returnAddress, time.GetUtcNow() + Patience);
        http.Response.Cookies.Append(CookieName, _protector.Protect(JsonSerializer.Serialize(flow, GitHubFlowJson.Default.GitHubFlow)), Options(http, Patience));
        return flow;
    }

    /// <summary>Ends one.</summary>
    /// <param name="state">As GitHub handed it back.</param>
    /// <returns>Null when this browser began no such thing within ten minutes, or it ended already.</returns>
    public GitHubFlow? End(HttpContext http, string purpose, string? state)
    {
        ArgumentNullException.ThrowIfNull(http);
        var kept = http.Request.Cookies[CookieName];
        http.Response.Cookies.Delete(CookieName, Options(http, maxAge: null));
        if (Read(kept) is not { } flow || flow.Purpose != purpose || flow.EndsAt <= time.GetUtcNow() || !Same(flow.State, state ?? ""))
        {
            return null;
        }

        lock (_used)
        {
            if (_used.TryGetValue(flow.State, out _))
            {
                return null;
            }

            _used.Set(flow.State, true, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Patience });
            return flow;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _used.Dispose();

    // Lax: the way back is a navigation from GitHub's site, with which a strict cookie would not come.
    private static CookieOptions Options(HttpContext http, TimeSpan? maxAge) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = http.Request.IsHttps,
        Path = CookiePath,
        MaxAge = maxAge,
        IsEssential = true,
    };

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static bool Same(string left, string right) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));

    private GitHubFlow? Read(string? cookie)
    {
        try
        {
            return string.IsNullOrEmpty(cookie) ? null : JsonSerializer.Deserialize(_protector.Unprotect(cookie), GitHubFlowJson.Default.GitHubFlow);
        }
        catch (Exception exception) when (exception is CryptographicException or JsonException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(GitHubFlow))]
internal sealed partial class GitHubFlowJson : JsonSerializerContext;
