using Microsoft.Playwright;

namespace CodexWeb.Browser.Tests;

/// <summary>A running server with its own data folder, and a browser to look at it with. Shared by the tests of a class.</summary>
public sealed class AppUnderTest : IAsyncLifetime
{
    private IPlaywright? _playwright;

    public DataFolder Folder { get; } = new();

    public ServerProcess Server { get; private set; } = null!;

    public IBrowser Browser { get; private set; } = null!;

    public Uri Address => Server.Address;

    public async Task InitializeAsync()
    {
        Server = await ServerProcess.StartAsync(Folder, port: 0);
        _playwright = await Playwright.CreateAsync();
        Browser = await LaunchAsync(_playwright);
    }

    /// <summary>The system's browser.</summary>
    public static Task<IBrowser> LaunchAsync(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
    {
        ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
        Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });

    public async Task DisposeAsync()
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
