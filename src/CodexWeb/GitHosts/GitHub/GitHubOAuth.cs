using System.Net.Http.Headers;
using System.Text;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>An OAuth app or the OAuth side of a GitHub App.</summary>
public sealed record GitHubOAuthClient(string ClientId, string ClientSecret)
{
    /// <summary>Never the secret.</summary>
    public override string ToString() => $"client {ClientId}";
}

/// <summary>What a person's consent gave.</summary>
/// <param name="Scopes">What it may; empty for a GitHub App, whose permissions count.</param>
/// <param name="ExpiresAt">Null for a token that does not expire.</param>
/// <param name="RefreshToken">With what a new one is had; null for none.</param>
/// <param name="RefreshTokenExpiresAt">Null when not told.</param>
public sealed record GitHubOAuthToken(GitHubToken Token, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt, GitHubToken? RefreshToken, DateTimeOffset? RefreshTokenExpiresAt);

/// <summary>Tokens by a person's consent in the browser: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps</summary>
public sealed class GitHubOAuth(GitHubHttp http, GitHubAddresses addresses, TimeProvider time)
{
    /// <summary>The page that asks the person.</summary>
    /// <param name="redirectUri">Where GitHub sends the person back to, with <c>code</c> and <c>state</c>.</param>
    /// <param name="state">Unguessable, and known to this browser alone.</param>
    /// <param name="codeChallenge">The SHA-256 of the code verifier in base64url.</param>
    /// <param name="scopes">Empty for a GitHub App.</param>
    public Uri ConsentPage(string clientId, Uri redirectUri, string state, string codeChallenge, IReadOnlyList<string> scopes)
    {
        ArgumentNullException.ThrowIfNull(redirectUri);
        GitHubPath query = $"login/oauth/authorize?client_id={clientId}&redirect_uri={redirectUri.AbsoluteUri}&state={state}&code_challenge={codeChallenge}&code_challenge_method=S256";
        return new Uri(addresses.Web, scopes.Count == 0 ? query.Text : $"{query.Text}&scope={Uri.EscapeDataString(string.Join(' ', scopes))}");
    }

    /// <summary>Exchanges the code GitHub sent the person back with; it is good once and for ten minutes.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task<GitHubOAuthToken> ExchangeAsync(GitHubOAuthClient client, string code, Uri redirectUri, string codeVerifier, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(redirectUri);
        return AskAsync(client, new(StringComparer.Ordinal) { ["code"] = code, ["redirect_uri"] = redirectUri.AbsoluteUri, ["code_verifier"] = codeVerifier }, cancellationToken);
    }

    /// <summary>A new token for a refresh token, which is used up by that.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task<GitHubOAuthToken> RefreshAsync(GitHubOAuthClient client, GitHubToken refreshToken, CancellationToken cancellationToken) =>
        AskAsync(client, new(StringComparer.Ordinal) { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken.Value }, cancellationToken);

    /// <summary>Makes a person's token worthless. One that is so already stays so.</summary>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task RevokeAsync(GitHubOAuthClient client, GitHubToken token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        GitHubPath path = $"applications/{client.ClientId}/token";
        var request = new GitHubRequest(HttpMethod.Delete, new Uri(addresses.Api, path.Text), token)
        {
            Body = GitHubRequest.JsonOf(new RevokedTokenBody(token.Value), GitHubBodies.Default.RevokedTokenBody),
            Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{client.ClientId}:{client.ClientSecret}"))),
            WhenUnauthorized = "Check the client id and the client secret.",
        };
        try
        {
            await http.SendAsync(request, cancellationToken);
        }
        catch (GitHubException exception) when (exception.Failure is GitHubFailure.NotFound or GitHubFailure.Invalid)
        {
            // It is worthless already.
        }
    }

    private async Task<GitHubOAuthToken> AskAsync(GitHubOAuthClient client, Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        form["client_id"] = client.ClientId;
        form["client_secret"] = client.ClientSecret;
        using var content = new FormUrlEncodedContent(form);
        var request = new GitHubRequest(HttpMethod.Post, new Uri(addresses.Web, "login/oauth/access_token"), Token: null)
        {
            Body = await content.ReadAsByteArrayAsync(cancellationToken),
            BodyType = "application/x-www-form-urlencoded",
            Accept = "application/json",
            Resource = "oauth",
        };
        var answer = GitHubHttp.Read(await http.SendAsync(request, cancellationToken));
        return answer["error"].Text is { } error ? throw Refused(error, answer["error_description"].Text, form) : TokenFrom(answer);
    }

    private GitHubOAuthToken TokenFrom(GitHubJson answer) => new(
        new GitHubToken(GitHubFields.Needed(answer["access_token"].Text, "consent", "access_token")),
        answer["scope"].Text?.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries) ?? [],
        After(answer["expires_in"].Number),
        answer["refresh_token"].Text is { Length: > 0 } refresh ? new GitHubToken(refresh) : null,
        After(answer["refresh_token_expires_in"].Number));

    private DateTimeOffset? After(long? seconds) => seconds is > 0 ? time.GetUtcNow() + TimeSpan.FromSeconds(Math.Min(seconds.Value, int.MaxValue)) : null;

    // Errors come with status 200: https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
    private static GitHubException Refused(string error, string? description, Dictionary<string, string> form)
    {
        var said = GitHubText.Clean(form.Values.Where(static value => value.Length > 8).Aggregate(description ?? error, static (text, secret) => text.Replace(secret, "[secret]", StringComparison.Ordinal)), token: null) ?? "It gave no reason";
        var (failure, advice) = error switch
        {
            "incorrect_client_credentials" => (GitHubFailure.Unauthorized, "Check GitHub:ClientId and GitHub:ClientSecret."),
            "redirect_uri_mismatch" => (GitHubFailure.Invalid, "Give the app this server's address as its callback URL."),
            "bad_verification_code" or "bad_refresh_token" or "unauthorized" => (GitHubFailure.Unauthorized, "Connect again: what GitHub gave was used already or is too old."),
            "unverified_user_email" => (GitHubFailure.Forbidden, "Confirm the e-mail address of the account on GitHub, then connect again."),
            _ => (GitHubFailure.Invalid, "Connect again; if it stays so, check the settings of the app on GitHub."),
        };
        return new GitHubException(failure, $"GitHub answered: {GitHubText.Sentence(said)} {advice}");
    }
}
