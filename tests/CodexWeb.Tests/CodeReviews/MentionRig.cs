using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Channels;
using CodexWeb.CodeReviews;
using CodexWeb.Data;
using CodexWeb.EmulatedGitHub;
using CodexWeb.GitHosts.Webhooks;
using CodexWeb.Tasks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.CodeReviews;

/// <summary>The whole application on a loopback port, beside a GitHub that sends it webhooks. Tasks really run, by the demo model in a sandbox.</summary>
public sealed class MentionRig : IAsyncLifetime
{
    private const string Secret = "between the two";

    private readonly EndOfQueue _handled = new();
    private App? _app;

    public GitHubServer GitHub { get; private set; } = null!;

    public HostedAccount Ana { get; private set; } = null!;

    public HostedAccount Reader { get; private set; } = null!;

    /// <summary>As whom the server writes.</summary>
    public HostedAccount Server { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public IServiceProvider Services => _app!.Services;

    public async Task InitializeAsync()
    {
        GitHub = await GitHubServer.StartAsync();
        Ana = GitHub.AddUser("ana");
        Reader = GitHub.AddUser("rita");
        Server = GitHub.AddUser("the-server");
        _app = new App(GitHub, GitHub.AddToken(Server), _handled);
        _app.UseKestrel(0);
        _app.StartServer();
        Client = _app.CreateClient();
        GitHub.SendWebhooksTo(new Uri(_app.ClientOptions.BaseAddress, WebhookServices.Path), Secret);
    }

    public async Task DisposeAsync()
    {
        Client?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        await GitHub.DisposeAsync();
    }

    /// <summary>A repository ana may write to and rita may read, connected to the server unless said otherwise.</summary>
    public async Task<HostedRepository> AddRepositoryAsync(string fullName, bool connected = true)
    {
        var repository = await GitHub.AddRepositoryAsync(fullName, [("README.md", "# Shop\n")]);
        repository.Allow(Ana, RepositoryRole.Write);
        repository.Allow(Server, RepositoryRole.Write);
        repository.Allow(Reader, RepositoryRole.Read);
        if (connected)
        {
            using var answer = await Client.PostAsJsonAsync(new Uri("/api/v1/repositories", UriKind.Relative), new { url = repository.CloneUrl.ToString() });
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        return repository;
    }

    /// <summary>The id of the next delivery of an event, once all that acts upon it has ended.</summary>
    public async Task<string> HandledAsync(HostedRepository repository, string name, string action)
    {
        while (true)
        {
            var webhook = await _handled.NextAsync();
            if (webhook.RepositoryId == repository.Id && webhook.Event == name && webhook.Action == action)
            {
                return webhook.DeliveryId;
            }
        }
    }

    /// <summary>Waits for the server to have heard everything that was sent.</summary>
    public async Task SettleAsync(HostedRepository repository)
    {
        await GitHub.Webhooks.AllSentAsync();
        var label = $"settled {Guid.NewGuid():N}";
        await repository.OpenIssueAsync(Reader, label, body: null);
        while (!(await _handled.NextAsync()).Body.GetRawText().Contains(label, StringComparison.Ordinal))
        {
        }
    }

    /// <summary>Acts upon a delivery as the queue does.</summary>
    public async Task<string?> HandleAsync(SentWebhook sent)
    {
        var body = JsonElement.Parse(sent.Body);
        var repository = body.GetProperty("repository");
        var webhook = new WebhookEvent(sent.Delivery, sent.Event, sent.Action, repository.GetProperty("id").GetInt64(), repository.GetProperty("full_name").GetString(), InstallationId: null, body);
        return await Services.GetServices<IWebhookHandler>().OfType<MentionWebhooks>().Single().HandleAsync(webhook, CancellationToken.None);
    }

    public async Task<string?> OutcomeAsync(string delivery)
    {
        await using var db = await DatabaseAsync();
        return await db.WebhookDeliveries.Where(d => d.Id == delivery).Select(d => d.Outcome).SingleAsync();
    }

    public Task<CodexDb> DatabaseAsync() => Services.GetRequiredService<IDbContextFactory<CodexDb>>().CreateDbContextAsync();

    public async Task<IReadOnlyList<CodexTask>> TasksAsync(HostedRepository repository)
    {
        await using var db = await DatabaseAsync();
        return await db.Tasks.AsNoTracking().Include(t => t.Turns).Include(t => t.Attempts).Where(t => t.Repository.Url == repository.CloneUrl.ToString()).OrderBy(t => t.Id).AsSplitQuery().ToListAsync();
    }

    private sealed class App(GitHubServer gitHub, string token, EndOfQueue handled) : WebApplicationFactory<Program>
    {
        private readonly string _folder = Path.Combine(Path.GetTempPath(), $"codexweb-mentions-{Guid.NewGuid():N}");

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            Directory.CreateDirectory(_folder, (UnixFileMode)0b111_101_101);
            builder.UseSetting("Data:Directory", Path.Combine(_folder, "data"));
            builder.UseSetting("Demo:Pace", "0");
            builder.UseSetting("Server:PublicUrl", "https://codexweb.example");
            builder.UseSetting("GitHub:BaseUrl", gitHub.Web.ToString());
            builder.UseSetting("GitHub:ApiUrl", gitHub.Api.ToString());
            builder.UseSetting("GitHub:Token", token);
            builder.UseSetting("GitHub:WebhookSecret", Secret);
            builder.ConfigureTestServices(services => services.AddSingleton<IWebhookHandler>(handled));
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (disposing && Directory.Exists(_folder))
            {
                Directory.Delete(_folder, recursive: true);
            }
        }
    }

    // The last of the handlers: what it is given, the others have acted upon.
    private sealed class EndOfQueue : IWebhookHandler
    {
        private readonly Channel<WebhookEvent> _seen = Channel.CreateUnbounded<WebhookEvent>();

        public async Task<WebhookEvent> NextAsync() => await _seen.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

        public async ValueTask<string?> HandleAsync(WebhookEvent webhook, CancellationToken cancellationToken)
        {
            await _seen.Writer.WriteAsync(webhook, cancellationToken);
            return null;
        }
    }
}
