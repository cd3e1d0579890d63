using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>GitHub Apps: who the App is, where it is installed, and tokens of its installations.</summary>
public sealed class GitHubApps(GitHubHttp http, TimeProvider time)
{
    private const string WhenUnauthorized = "GitHub does not take the App's key: check the App's number and private key, and this server's clock.";

    /// <summary>The App's statement of who it is, good for nine minutes.</summary>
    /// <remarks>https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app</remarks>
    /// <exception cref="GitHubException">The key cannot be read: <see cref="GitHubFailure.Unauthorized"/>.</exception>
    public GitHubToken CreateJwt(GitHubAppKey app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var now = time.GetUtcNow();
        // A minute back, for the two clocks may differ; at most ten minutes ahead.
        var claims = string.Create(CultureInfo.InvariantCulture, $$"""{"iat":{{now.AddSeconds(-60).ToUnixTimeSeconds()}},"exp":{{now.AddMinutes(9).ToUnixTimeSeconds()}},"iss":"{{app.AppId}}"}""");
        var signed = $"{Encode("""{"alg":"RS256","typ":"JWT"}""")}.{Encode(claims)}";
        try
        {
            using var key = GitHubPrivateKey.Import(GitHubPrivateKey.TextOf(app.PrivateKey));
            return new GitHubToken($"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}");
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new GitHubException(GitHubFailure.Unauthorized, "The private key of the GitHub App cannot be read. Check GitHub:PrivateKey, or set the App up again.", exception);
        }
    }

    /// <summary>The App itself.</summary>
    /// <param name="jwt">From <see cref="CreateJwt"/>.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<GitHubApp> CurrentAsync(GitHubToken jwt, CancellationToken cancellationToken) => GitHubApp.From(await AskAsync(jwt, $"app", cancellationToken));

    /// <summary>Where the App is installed.</summary>
    /// <param name="jwt">From <see cref="CreateJwt"/>.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task<IReadOnlyList<GitHubInstallation>> InstallationsAsync(GitHubToken jwt, CancellationToken cancellationToken) =>
        http.ListAsync(jwt, $"app/installations?per_page=100", GitHubInstallation.TryFrom, cancellationToken);

    /// <summary>The installation that reaches a repository; null when there is none.</summary>
    /// <param name="jwt">From <see cref="CreateJwt"/>.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public async Task<GitHubInstallation?> FindInstallationAsync(GitHubToken jwt, GitHubRepositoryName repository, CancellationToken cancellationToken)
    {
        try
        {
            return GitHubInstallation.From(await AskAsync(jwt, $"repos/{repository}/installation", cancellationToken));
        }
        catch (GitHubException exception) when (exception.Failure == GitHubFailure.NotFound)
        {
            return null;
        }
    }

    /// <summary>Makes a token of an installation.</summary>
    /// <param name="jwt">From <see cref="CreateJwt"/>.</param>
    /// <param name="repositoryIds">The only repositories it shall reach, at most 500; null for all of the installation.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked; a suspended installation is <see cref="GitHubFailure.Forbidden"/>.</exception>
    public async Task<GitHubInstallationToken> CreateTokenAsync(GitHubToken jwt, long installationId, IReadOnlyList<long>? repositoryIds, CancellationToken cancellationToken)
    {
        GitHubPath path = $"app/installations/{installationId}/access_tokens";
        var request = http.To(HttpMethod.Post, jwt, path, GitHubRequest.JsonOf(new InstallationTokenBody(repositoryIds), GitHubBodies.Default.InstallationTokenBody), WhenUnauthorized);
        var answer = GitHubHttp.Read(await http.SendAsync(request, cancellationToken));
        return new GitHubInstallationToken(
            new GitHubToken(GitHubFields.Needed(answer["token"].Text, "new token", "token")),
            answer["expires_at"].Time ?? time.GetUtcNow().AddHours(1));
    }

    /// <summary>Takes the App GitHub made from a manifest, with its secrets.</summary>
    /// <param name="code">From the address GitHub sent the person back to; good once and for an hour.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked; <see cref="GitHubFailure.NotFound"/> when the code was used or is too old.</exception>
    public async Task<NewGitHubApp> ConvertManifestAsync(string code, CancellationToken cancellationToken)
    {
        // The code is as good as the secrets: no message shall have it.
        var request = http.To(HttpMethod.Post, token: null, $"app-manifests/{code}/conversions") with { Name = "POST /app-manifests" };
        return NewGitHubApp.From(GitHubHttp.Read(await http.SendAsync(request, cancellationToken)));
    }

    /// <summary>Where a person can reach the App: its installations on accounts of theirs.</summary>
    /// <param name="token">Made for the App by a person's consent.</param>
    /// <exception cref="GitHubException">GitHub refused or could not be asked.</exception>
    public Task<IReadOnlyList<GitHubInstallation>> UserInstallationsAsync(GitHubToken token, CancellationToken cancellationToken) =>
        http.ListAsync(token, $"user/installations?per_page=100", GitHubInstallation.TryFrom, cancellationToken, "installations");

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private async Task<GitHubJson> AskAsync(GitHubToken jwt, GitHubPath path, CancellationToken cancellationToken) =>
        GitHubHttp.Read(await http.SendAsync(http.To(HttpMethod.Get, jwt, path, body: null, WhenUnauthorized), cancellationToken));
}
