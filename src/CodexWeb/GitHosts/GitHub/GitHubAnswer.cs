using System.Net.Http.Headers;
using System.Text.Json;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>A good answer of GitHub, or the stored one it said still holds.</summary>
/// <param name="Body">As sent; empty for none.</param>
/// <param name="Next">The page that follows; null for the last one.</param>
/// <param name="Scopes">What the token may, as GitHub lists it; null when it does not: tokens of Apps and fine-grained ones have none.</param>
/// <param name="IsPartial">True when organisations are left out because the token was not let in by their single sign-on.</param>
/// <param name="ETag">With what to ask whether it still holds; null when it cannot be asked.</param>
internal sealed record GitHubAnswer(byte[] Body, Uri? Next, IReadOnlyList<string>? Scopes, bool IsPartial, string? ETag)
{
    /// <summary>The body read as JSON; nothing for an empty one.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public GitHubJson Json() => Body.Length == 0 ? default : new GitHubJson(JsonElement.Parse(Body));

    /// <summary>From what came.</summary>
    public static GitHubAnswer From(HttpResponseHeaders headers, byte[] body, Uri address) => new(
        body,
        NextIn(headers, address),
        headers.TryGetValues("X-OAuth-Scopes", out var scopes) ? [.. scopes.SelectMany(static line => line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))] : null,
        // partial-results; organizations=21955855,20582480
        headers.TryGetValues("X-GitHub-SSO", out var notes) && notes.Any(static note => note.StartsWith("partial-results", StringComparison.OrdinalIgnoreCase)),
        headers.ETag?.ToString());

    // RFC 8288: <address>; rel="next", <address>; rel="last"
    private static Uri? NextIn(HttpResponseHeaders headers, Uri address)
    {
        var links = headers.TryGetValues("Link", out var lines) ? string.Join(',', lines) : "";
        foreach (var link in links.Split('<', StringSplitOptions.RemoveEmptyEntries))
        {
            if (link.Split('>', 2) is [var target, var parameters]
                && parameters.Split(',', 2)[0].Split(';', StringSplitOptions.TrimEntries).Any(static parameter => parameter is "rel=\"next\"" or "rel=next")
                && Uri.TryCreate(address, target, out var next))
            {
                return next;
            }
        }

        return null;
    }
}
