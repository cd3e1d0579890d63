using CodexWeb.Data;
using CodexWeb.EmulatedGitHub;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Tests.Data;
using CodexWeb.Tests.Workspaces;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.GitHosts.GitHub;

/// <summary>Tokens that end, under a clock the test moves.</summary>
public sealed class GitHubAccessTests : IAsyncLifetime
{
    private const string Person = "Ada";
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly GitHubRepositoryName ShopName = new("acme", "shop");

    private static readonly Uri Back = new("http://localhost/back");

    private readonly HurriedClock _clock = new();
    private readonly TestDatabase _database = new();
    private readonly TestGround _ground = new();
    private GitHubServer _gitHub = null!;
    private HostedAccount _ana = null!;
    private HostedApp _app = null!;
    private ServiceProvider _services = null!;

    private GitHubAccess Access => _services.GetRequiredService<GitHubAccess>();

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _gitHub = await GitHubServer.StartAsync(_clock);
        _ana = _gitHub.AddUser("ana");
        var shop = await _gitHub.AddRepositoryAsync("acme/shop", [("a.txt", "one\n")]);
        shop.Allow(_ana, RepositoryRole.Write);
        _app = _gitHub.Apps.Add("CodexWeb", _ana);
        _services = Build(new Dictionary<string, string?>
        {
            ["GitHub:BaseUrl"] = _gitHub.Web.AbsoluteUri,
            ["GitHub:ApiUrl"] = _gitHub.Api.AbsoluteUri,
            ["GitHub:AppId"] = _app.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["GitHub:PrivateKey"] = _app.Pem,
            ["GitHub:ClientId"] = _app.ClientId,
            ["GitHub:ClientSecret"] = _app.ClientSecret,
        });
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        await _gitHub.DisposeAsync();
        await _database.DisposeAsync();
        _ground.Dispose();
    }

    [Fact]
    public async Task An_installations_token_is_used_until_five_minutes_before_its_end()
    {
        await _app.InstallAsync(_gitHub.Repository("acme/shop").Owner);
        var first = await Access.ForRepositoryAsync(ShopName, None);

        _clock.Advance(TimeSpan.FromMinutes(54));
        Assert.Equal(first, await Access.ForRepositoryAsync(ShopName, None));

        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.NotEqual(first, await Access.ForRepositoryAsync(ShopName, None));
    }

    [Fact]
    public async Task A_persons_token_is_renewed_once_before_it_ends_however_many_want_it()
    {
        await ConsentAsync();
        var first = await Access.ForPersonAsync(Person, None);
        _clock.Advance(TimeSpan.FromHours(8) - TimeSpan.FromMinutes(4));

        var renewed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Access.ForPersonAsync(Person, None)));

        Assert.NotEqual(first, renewed[0]);
        Assert.Single(renewed.Distinct());
        Assert.Single(_gitHub.Requests.To("POST", "/login/oauth/access_token"), request => request.Body.Contains("refresh_token", StringComparison.Ordinal));
        await using var db = _database.CreateDbContext();
        Assert.Equal(_clock.GetUtcNow() + TimeSpan.FromHours(8), (await db.GitHubAccounts.SingleAsync()).ExpiresAt!.Value, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task While_GitHub_is_away_a_token_that_still_lasts_is_used()
    {
        await ConsentAsync();
        var first = await Access.ForPersonAsync(Person, None);
        _clock.Advance(TimeSpan.FromHours(8) - TimeSpan.FromMinutes(4));
        await _gitHub.DisposeAsync();

        Assert.Equal(first, await Access.ForPersonAsync(Person, None));
    }

    [Fact]
    public async Task A_token_that_ended_and_cannot_be_renewed_marks_its_connection()
    {
        await ConsentAsync();
        await using (var db = _database.CreateDbContext())
        {
            var account = await db.GitHubAccounts.SingleAsync();
            account.Hold(account.Secret, refreshSecret: null, account.ExpiresAt, account.Scopes, account.Login);
            await db.SaveChangesAsync();
        }

        _clock.Advance(TimeSpan.FromHours(9));

        Assert.Null(await Access.ForPersonAsync(Person, None));
        Assert.Equal("The token of ana has expired and cannot be renewed. Connect again.", await ProblemAsync());
    }

    [Fact]
    public async Task A_refresh_token_that_is_no_good_marks_the_connection_in_GitHubs_words()
    {
        await ConsentAsync();
        await using (var db = _database.CreateDbContext())
        {
            var account = await db.GitHubAccounts.SingleAsync();
            account.Hold(account.Secret, _services.GetRequiredService<GitHubSecrets>().Close(GitHubSecretKind.RefreshToken, "ghr_used_already"), account.ExpiresAt, account.Scopes, account.Login);
            await db.SaveChangesAsync();
        }

        _clock.Advance(TimeSpan.FromHours(9));

        Assert.Null(await Access.ForPersonAsync(Person, None));
        Assert.StartsWith("GitHub answered: The refresh token passed is incorrect or expired. Connect again", await ProblemAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_of_other_keys_marks_its_connection()
    {
        await ConsentAsync();
        await using var others = Build(new Dictionary<string, string?> { ["GitHub:BaseUrl"] = _gitHub.Web.AbsoluteUri, ["GitHub:ApiUrl"] = _gitHub.Api.AbsoluteUri });

        Assert.Null(await others.GetRequiredService<GitHubAccess>().ForPersonAsync(Person, None));
        Assert.StartsWith("The stored secret cannot be opened", await ProblemAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_of_one_kind_does_not_open_as_another()
    {
        var secrets = _services.GetRequiredService<GitHubSecrets>();
        var closed = secrets.Close(GitHubSecretKind.AccessToken, "ghp_secret");

        Assert.DoesNotContain("ghp_secret", closed, StringComparison.Ordinal);
        Assert.Equal("ghp_secret", secrets.Open(GitHubSecretKind.AccessToken, closed));
        Assert.Throws<GitHubException>(() => secrets.Open(GitHubSecretKind.RefreshToken, closed));
    }

    private async Task ConsentAsync()
    {
        var oauth = _services.GetRequiredService<GitHubOAuth>();
        _app.CallbackUrls = [Back.AbsoluteUri];
        var flow = new GitHubFlow("connect", "state", "a-verifier-of-at-least-43-characters-as-rfc-7636", Back, DateTimeOffset.MaxValue);
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var consent = await browser.GetAsync(oauth.ConsentPage(_app.ClientId, Back, flow.State, flow.Challenge, []));
        var code = QueryHelpers.ParseQuery(consent.Headers.Location!.Query)["code"].ToString();
        var given = await oauth.ExchangeAsync(new GitHubOAuthClient(_app.ClientId, _app.ClientSecret), code, Back, flow.Verifier, None);
        Assert.IsType<CommandResult<GitHubAccountId>.Done>(await _services.GetRequiredService<GitHubConnections>().ConnectByConsentAsync(Person, given, None));
    }

    private async Task<string?> ProblemAsync()
    {
        await using var db = _database.CreateDbContext();
        return (await db.GitHubAccounts.SingleAsync()).Problem;
    }

    private ServiceProvider Build(Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .AddSingleton<TimeProvider>(_clock)
            .AddSingleton<IDbContextFactory<CodexDb>>(_database)
            .AddSingleton(_database.Gate)
            .AddSingleton(_ground.Push)
            .AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider())
            .AddLogging();
        services.AddGitHubClient().AddGitHubAccess();
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
    }
}
