using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.GitHosts.Webhooks;
using CodexWeb.Tests.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CodexWeb.Tests.GitHosts.Webhooks;

/// <summary>The receiver and its queue on a loopback port, over a real database.</summary>
internal sealed class WebhookRig : IAsyncDisposable
{
    public const string Secret = "It's a Secret to Everybody";

    private readonly TestDatabase _database = new();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly EphemeralDataProtectionProvider _protection = new();
    private WebApplication? _app;
    private HttpClient? _client;

    public ManualClock Clock { get; } = new();

    public RecordingHandler Handler { get; } = new();

    /// <summary>What was logged by the webhooks' classes, one line each.</summary>
    public IReadOnlyCollection<string> Log => _log;

    public HttpClient Client => _client!;

    public Uri Address { get; private set; } = null!;

    public IServiceProvider Services => _app!.Services;

    public static async Task<WebhookRig> StartAsync(string? secret = Secret)
    {
        var rig = new WebhookRig();
        await rig._database.InitializeAsync();
        await rig.ListenAsync(secret);
        return rig;
    }

    /// <summary>The server goes, as it is, and another one starts on the same data.</summary>
    public async Task RestartAsync()
    {
        await EndAsync();
        await ListenAsync(Secret);
    }

    public Task<HttpResponseMessage> SendAsync(string name, string body, string delivery) => PostAsync(Encoding.UTF8.GetBytes(body), Sign(body), name, delivery);

    public async Task<HttpResponseMessage> PostAsync(byte[] body, string? signature, string? name = "push", string? delivery = "1", string type = "application/json")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var request = new HttpRequestMessage(HttpMethod.Post, Address) { Content = content };
        Add("X-GitHub-Event", name);
        Add("X-GitHub-Delivery", delivery);
        Add("X-Hub-Signature-256", signature);
        return await Client.SendAsync(request);

        void Add(string header, string? value)
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(header, value);
            }
        }
    }

    public async Task<HttpStatusCode> StatusAsync(byte[] body, string? signature, string? name = "push", string? delivery = "1", string type = "application/json")
    {
        using var answer = await PostAsync(body, signature, name, delivery, type);
        return answer.StatusCode;
    }

    public static string Sign(string body, string secret = Secret) => Sign(Encoding.UTF8.GetBytes(body), secret);

    public static string Sign(byte[] body, string secret = Secret) => $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))}";

    public static string Payload(long repository, string action = "created") =>
        $$"""{ "action": "{{action}}", "repository": { "id": {{repository}}, "full_name": "acme/shop" }, "installation": { "id": 7 } }""";

    /// <summary>Gives the server an App of its own.</summary>
    public async Task RegisterAppAsync(string webhookSecret)
    {
        await using var db = _database.CreateDbContext();
        db.Add(GitHubAppRegistration.Register(1, "codexweb", "https://github.example/apps/codexweb", "acme", "id", "", "", new GitHubSecrets(_protection).Close(GitHubSecretKind.WebhookSecret, webhookSecret), Clock.GetUtcNow()));
        await db.SaveChangesAsync();
    }

    public async Task<IReadOnlyList<WebhookDelivery>> StoredAsync()
    {
        await using var db = _database.CreateDbContext();
        return await db.WebhookDeliveries.AsNoTracking().OrderBy(d => d.Number).ToListAsync();
    }

    public async Task<WebhookDelivery> StoredAsync(string delivery) => (await StoredAsync()).Single(d => d.Id == delivery);

    /// <summary>Sends one more of the same repository and waits for it to reach the handler: then all before it are at their end and stored so.</summary>
    public async Task SettleAsync(long repository = 1)
    {
        var last = Guid.NewGuid().ToString();
        using var answer = await SendAsync("push", Payload(repository), last);
        while (await Handler.NextAsync() != last)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await _database.DisposeAsync();
    }

    private async Task EndAsync()
    {
        _client?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }

    private async Task ListenAsync(string? secret)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new LineLog(_log));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services
            .AddSingleton<TimeProvider>(Clock)
            .AddSingleton<IDbContextFactory<CodexDb>>(_database)
            .AddSingleton(_database.Gate)
            .AddSingleton<IDataProtectionProvider>(_protection)
            .AddSingleton<GitHubSecrets>()
            .AddSingleton<GitHubAppStore>()
            .AddSingleton<GitHubAppAccess>()
            .AddSingleton<IWebhookHandler>(Handler)
            .Configure<GitHubOptions>(options => options.WebhookSecret = secret)
            .AddWebhooks();
        _app = builder.Build();
        _app.MapWebhooks();
        await _app.StartAsync();
        Address = new Uri(new Uri(_app.Urls.Single()), WebhookServices.Path);
        _client = new HttpClient();
    }

    private sealed class LineLog(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning)
            {
                lines.Enqueue($"{formatter(state, exception)} {exception}".Trim());
            }
        }

        public void Dispose()
        {
        }
    }
}

/// <summary>Notes what it is given, and answers as the test says.</summary>
internal sealed class RecordingHandler : IWebhookHandler
{
    private readonly Channel<string> _seen = Channel.CreateUnbounded<string>();

    /// <summary>What it says or throws; waits before as long as the test wants.</summary>
    public Func<WebhookEvent, Task<string?>> Answer { get; set; } = static webhook => Task.FromResult<string?>($"Saw {webhook.DeliveryId}.");

    /// <summary>All deliveries it was given, in order, those that came again too.</summary>
    public ConcurrentQueue<WebhookEvent> All { get; } = new();

    /// <summary>The id of the next delivery it is given.</summary>
    public async Task<string> NextAsync() => await _seen.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask<string?> HandleAsync(WebhookEvent webhook, CancellationToken cancellationToken)
    {
        All.Enqueue(webhook);
        await _seen.Writer.WriteAsync(webhook.DeliveryId, cancellationToken);
        return await Answer(webhook).WaitAsync(cancellationToken);
    }
}
