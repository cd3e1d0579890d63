using System.Net.Http.Json;
using System.Text.Json;
using CodexWeb.EmulatedGitHub;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.GitHosts.GitHub;

/// <summary>The whole application beside a GitHub of its own, with one person there, one organisation and one private repository.</summary>
internal sealed class ConnectedServer : WebApplicationFactory<Program>
{
    private readonly Dictionary<string, string> _settings = new(StringComparer.Ordinal);
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"codexweb-github-{Guid.NewGuid():N}");

    private ConnectedServer(GitHubServer gitHub)
    {
        GitHub = gitHub;
        Directory.CreateDirectory(_folder, (UnixFileMode)0b111_101_101);
    }

    public GitHubServer GitHub { get; }

    public HostedAccount Ana { get; private set; } = null!;

    public HostedAccount Acme { get; private set; } = null!;

    public HostedRepository Shop { get; private set; } = null!;

    public string DataFolder => Path.Combine(_folder, "data");

    public static async Task<ConnectedServer> StartAsync(params (string Name, string Value)[] settings)
    {
        var server = new ConnectedServer(await GitHubServer.StartAsync());
        server.Ana = server.GitHub.AddUser("ana");
        server.Acme = server.GitHub.AddOrganisation("acme", server.Ana);
        server.Shop = await server.GitHub.AddRepositoryAsync("acme/shop", [("a.txt", "one\n")]);
        server.Shop.Allow(server.Ana, RepositoryRole.Write);
        foreach (var (name, value) in settings)
        {
            server._settings[name] = value;
        }

        return server;
    }

    public void Set(string name, string value) => _settings[name] = value;

    /// <summary>A browser that follows no redirects, so that a test sees each step.</summary>
    public HttpClient Browser() => CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = true, BaseAddress = new Uri("http://localhost:5080") });

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public async Task<HttpResponseMessage> ConnectAsync(HttpClient client, string token) => await client.PostAsJsonAsync("/api/v1/github/accounts", new { token });

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response) => JsonElement.Parse(await response.Content.ReadAsStringAsync());

    /// <summary>The files of the data folder that show a text.</summary>
    public IEnumerable<string> FilesWith(string text) =>
        Directory.EnumerateFiles(DataFolder, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) is not "server.lock" && File.ReadAllBytes(file).AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(text)) >= 0);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await GitHub.DisposeAsync();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("Data:Directory", DataFolder);
        builder.UseSetting("Demo:Pace", "0");
        builder.UseSetting("GitHub:BaseUrl", GitHub.Web.AbsoluteUri);
        builder.UseSetting("GitHub:ApiUrl", GitHub.Api.AbsoluteUri);
        foreach (var (name, value) in _settings)
        {
            builder.UseSetting(name, value);
        }
    }
}
