using CodexWeb.Data;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Connects a person by consent in the browser: the OAuth flow with state and PKCE.</summary>
public sealed class GitHubSignIn(GitHubFlows flows, GitHubOAuth oauth, GitHubAppAccess app, GitHubConnections connections)
{
    private const string Purpose = "connect";

    /// <summary>The page of GitHub's to send the browser to.</summary>
    /// <param name="returnAddress">Where GitHub sends it back to; the OAuth app has to know it.</param>
    public async Task<CommandResult<Uri>> BeginAsync(HttpContext http, Uri returnAddress, CancellationToken cancellationToken)
    {
        try
        {
            if (await app.ClientAsync(cancellationToken) is not { } client)
            {
                return new CommandResult<Uri>.Refused("Nobody set up how people consent at GitHub: set GitHub:ClientId and GitHub:ClientSecret, make a GitHub App here, or connect by token.");
            }

            var flow = flows.Begin(http, Purpose, returnAddress);
            return new CommandResult<Uri>.Done(oauth.ConsentPage(client.ClientId, returnAddress, flow.State, flow.Challenge, app.ClientIsApp ? [] : GitHubScopes.Wanted));
        }
        catch (GitHubException exception)
        {
            return new CommandResult<Uri>.Refused(exception.Message);
        }
    }

    /// <summary>Takes what GitHub sent the browser back with.</summary>
    public async Task<CommandResult<GitHubAccountId>> EndAsync(HttpContext http, string person, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(http);
        var query = http.Request.Query;
        if (flows.End(http, Purpose, query["state"]) is not { } flow)
        {
            return new CommandResult<GitHubAccountId>.Refused("This answer of GitHub's belongs to nothing that was begun in this browser within the last ten minutes. Connect again.");
        }

        if (query["error"].ToString() is { Length: > 0 } error)
        {
            return new CommandResult<GitHubAccountId>.Refused(Explain(error, query["error_description"], flow.ReturnAddress));
        }

        try
        {
            return await app.ClientAsync(cancellationToken) is { } client && query["code"].ToString() is { Length: > 0 and < 500 } code
                ? await connections.ConnectByConsentAsync(person, await oauth.ExchangeAsync(client, code, flow.ReturnAddress, flow.Verifier, cancellationToken), cancellationToken)
                : new CommandResult<GitHubAccountId>.Refused("GitHub sent nothing to connect with. Connect again.");
        }
        catch (GitHubException exception)
        {
            return new CommandResult<GitHubAccountId>.Refused(exception.Message);
        }
    }

    // https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors
    private static string Explain(string error, string? description, Uri returnAddress) => error switch
    {
        "access_denied" => "GitHub was told not to connect, so nothing was connected.",
        "redirect_uri_mismatch" => $"GitHub does not know this server's address. Add {returnAddress.AbsoluteUri} as a callback URL on the app's page at GitHub, then connect again.",
        "application_suspended" => "GitHub has suspended the app people connect by. Its owner can ask GitHub why; until then connect by token.",
        _ => $"GitHub did not connect: {GitHubText.Sentence(GitHubText.Clean(string.IsNullOrWhiteSpace(description) ? error : description, token: null) ?? "it gave no reason")} Connect again, or by token.",
    };
}
