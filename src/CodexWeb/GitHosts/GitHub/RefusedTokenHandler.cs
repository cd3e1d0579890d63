using System.Net;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Sees every answer of GitHub, and tells whose token it was when GitHub does not take it.</summary>
internal sealed class RefusedTokenHandler(GitHubAccountAccess accounts, GitHubInstallationAccess installations) : DelegatingHandler
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized && request.Headers.Authorization is { Scheme: "Bearer", Parameter: { Length: > 0 } secret })
        {
            var token = new GitHubToken(secret);
            installations.Forget(token);
            await accounts.RefusedAsync(token, cancellationToken);
        }

        return response;
    }
}
