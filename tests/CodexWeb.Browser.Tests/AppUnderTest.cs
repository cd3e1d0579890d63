using CodexWeb.EmulatedGitHub;
using Microsoft.Playwright;

namespace CodexWeb.Browser.Tests;

/// <summary>A running server with its own data folder, and a browser to look at it with. Shared by the tests of a class.</summary>
public class AppUnderTest : IAsyncLifetime
{
    private IPlaywright? _playwright;

    public DataFolder Folder { get; } = new();

    public ServerProcess Server { get; private set; } = null!;

    public IBrowser Browser { get; private set; } = null!;

    public Uri Address => Server.Address;

    /// <summary>What the server is started with besides.</summary>
    protected virtual string[] Settings => [];

    public virtual async Task InitializeAsync()
    {
        Server = await ServerProcess.StartAsync(Folder, port: 0, Settings);
        _playwright = await Playwright.CreateAsync();
        Browser = await LaunchAsync(_playwright);
    }

    /// <summary>The system's browser.</summary>
    public static Task<IBrowser> LaunchAsync(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
    {
        ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
        Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });

    public virtual async Task DisposeAsync()
    {
        if (Browser is not null)
        {
            await Browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        Folder.Dispose();
    }
}

/// <summary>The same, beside a GitHub that sends its webhooks there.</summary>
public sealed class AppWithGitHub : AppUnderTest
{
    private const string WebhookSecret = "what-signs-the-webhooks-of-the-tests";

    public GitHubServer GitHub { get; private set; } = null!;

    /// <summary>Who is signed in at GitHub.</summary>
    public HostedAccount Ana { get; private set; } = null!;

    protected override string[] Settings =>
    [
        $"--GitHub:BaseUrl={GitHub.Web}",
        $"--GitHub:ApiUrl={GitHub.Api}",
        $"--GitHub:WebhookSecret={WebhookSecret}",
    ];

    public override async Task InitializeAsync()
    {
        GitHub = await GitHubServer.StartAsync();
        Ana = GitHub.AddUser("ana");
        GitHub.AddOrganisation("acme", Ana);
        await base.InitializeAsync();
        GitHub.SendWebhooksTo(new Uri(Address, "/github/webhooks"), WebhookSecret);
    }

    /// <summary>Adds a repository of the organisation in which the person may do everything.</summary>
    public async Task<HostedRepository> AddRepositoryAsync(string name)
    {
        var repository = await GitHub.AddRepositoryAsync($"acme/{name}", [("README.md", "# Shop\n"), ("prices.txt", "tea 3\n")]);
        repository.Allow(Ana, RepositoryRole.Admin);
        repository.AddLabel("ready");
        return repository;
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        if (GitHub is not null)
        {
            await GitHub.DisposeAsync();
        }
    }
}

/// <summary>A running server with its own data folder, shared by the tests of a class.</summary>
public sealed class ServerUnderTest : IAsyncLifetime
{
    public DataFolder Folder { get; } = new();

    public ServerProcess Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await ServerProcess.StartAsync(Folder, port: 0);

    public async Task DisposeAsync()
    {
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        Folder.Dispose();
    }
}
