using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CodexWeb.GitHosts.GitHub;

namespace CodexWeb.Tests.GitHosts.GitHub;

public sealed class GitHubAppsTests
{
    [Fact]
    public async Task An_App_says_who_it_is_with_its_key_for_ten_minutes_at_most()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, """{ "id": 7, "slug": "codexweb" }""");
        using var key = RSA.Create(2048);
        var jwt = github.Get<GitHubApps>().CreateJwt(new GitHubAppKey(7, key.ExportPkcs8PrivateKeyPem().ReplaceLineEndings("\\n")));

        var parts = jwt.Value.Split('.');
        var now = github.Clock.GetUtcNow().ToUnixTimeSeconds();
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.Equal("""{"alg":"RS256","typ":"JWT"}""", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])));
        Assert.Equal($$"""{"iat":{{now - 60}},"exp":{{now + 540}},"iss":"7"}""", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])));

        Assert.Equal(7, (await github.Get<GitHubApps>().CurrentAsync(jwt, CancellationToken.None)).Id);
        Assert.Equal($"Bearer {jwt.Value}", github.Requests[0].Headers["Authorization"]);
    }

    [Fact]
    public async Task A_key_that_cannot_be_read_is_said_to_be_so()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, "{}");

        var refused = Assert.Throws<GitHubException>(() => github.Get<GitHubApps>().CreateJwt(new GitHubAppKey(7, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----")));
        Assert.Equal("The private key of the GitHub App cannot be read. Check GitHub:PrivateKey, or set the App up again.", refused.Message);
        Assert.DoesNotContain("AAAA", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_GitHub_does_not_take_points_at_the_App()
    {
        await using var github = await ScriptedGitHub.StartAsync(401, """{ "message": "A JSON web token could not be decoded" }""");

        var refused = await Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubApps>().CurrentAsync(github.Token, CancellationToken.None));
        Assert.Equal("GitHub answered 401: A JSON web token could not be decoded. GitHub does not take the App's key: check the App's number and private key, and this server's clock.", refused.Message);
    }

    [Fact]
    public async Task A_token_of_an_installation_says_until_when_it_is_good()
    {
        await using var github = await ScriptedGitHub.StartAsync(201, """{ "token": "ghs_1", "expires_at": "2026-05-01T13:00:00Z", "permissions": { "contents": "write" } }""");

        Assert.Equal(
            new GitHubInstallationToken(new GitHubToken("ghs_1"), new DateTimeOffset(2026, 5, 1, 13, 0, 0, TimeSpan.Zero)),
            await github.Get<GitHubApps>().CreateTokenAsync(github.Token, 3, [1], CancellationToken.None));
    }

    [Fact]
    public async Task A_repository_without_the_App_has_no_installation()
    {
        await using var github = await ScriptedGitHub.StartAsync(404, """{ "message": "Not Found" }""");

        Assert.Null(await github.Get<GitHubApps>().FindInstallationAsync(github.Token, github.Repository, CancellationToken.None));
    }

    [Fact]
    public async Task Where_a_person_can_reach_the_App_is_listed_with_what_it_may()
    {
        await using var github = await ScriptedGitHub.StartAsync(200, """
            { "total_count": 1, "installations": [{ "id": 3, "app_id": 7, "account": { "login": "acme", "type": "Organization" }, "repository_selection": "selected", "html_url": "https://github.example/3",
              "suspended_at": "2026-05-01T10:00:00Z", "permissions": { "contents": "write", "checks": "read" } }] }
            """);

        var installation = Assert.Single(await github.Get<GitHubApps>().UserInstallationsAsync(github.Token, CancellationToken.None));
        Assert.Equal(
            (3L, 7L, "acme", "Organization", true, (DateTimeOffset?)new DateTimeOffset(2026, 5, 1, 10, 0, 0, TimeSpan.Zero), "https://github.example/3"),
            (installation.Id, installation.AppId, installation.AccountLogin, installation.AccountKind, installation.SelectedOnly, installation.SuspendedAt, installation.HtmlUrl));
        Assert.Equal(new Dictionary<string, string> { ["contents"] = "write", ["checks"] = "read" }, installation.Permissions);
    }

    [Fact]
    public async Task A_manifest_becomes_an_App_whose_secrets_are_never_shown()
    {
        await using var github = await ScriptedGitHub.StartAsync(201, """
            { "id": 7, "slug": "codexweb-acme", "name": "CodexWeb", "html_url": "https://github.example/apps/codexweb-acme", "owner": { "login": "acme" },
              "client_id": "Iv1.1", "client_secret": "s-client", "webhook_secret": "s-hook", "pem": "s-pem" }
            """);

        var app = await github.Get<GitHubApps>().ConvertManifestAsync("a180b1a3", CancellationToken.None);
        Assert.Equal(new NewGitHubApp(new GitHubApp(7, "codexweb-acme", "CodexWeb", "https://github.example/apps/codexweb-acme", "acme"), "Iv1.1", "s-client", "s-pem", "s-hook"), app);
        Assert.DoesNotContain("s-", $"{app} {new GitHubAppKey(7, "s-pem")} {new GitHubOAuthClient("Iv1.1", "s-client")}".Replace("codexweb-acme", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.False(github.Requests[0].Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task The_code_of_a_manifest_is_in_no_message()
    {
        await using var github = await ScriptedGitHub.StartAsync(302, "{}", ("Location", "https://elsewhere.example/"));

        var refused = await Assert.ThrowsAsync<GitHubException>(() => github.Get<GitHubApps>().ConvertManifestAsync("a180b1a3", CancellationToken.None));
        Assert.DoesNotContain("a180b1a3", refused.Message, StringComparison.Ordinal);
        Assert.Equal("/api/v3/app-manifests/a180b1a3/conversions", github.Requests[0].Path);
    }
}
