using System.Collections.Concurrent;
using System.Globalization;
using CodexWeb.GitHosts.GitHub;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CodexWeb.Tests.GitHosts.GitHub;

/// <summary>A request as it came: method, path with query, headers, body.</summary>
internal sealed record SeenRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Line => $"{Method} {Path}";
}

/// <summary>A server on the loopback that answers as the test says, and the client as the product registers it. Real HTTP; the clock goes on by itself over short waits.</summary>
internal sealed class ScriptedGitHub : IAsyncDisposable
{
    private readonly ConcurrentQueue<SeenRequest> _requests = new();
    private readonly WebApplication _app;
    private ServiceProvider? _services;

    private ScriptedGitHub(WebApplication app) => _app = app;

    /// <summary>What the server does with a request.</summary>
    public required Func<HttpContext, SeenRequest, Task> Answer { get; set; }

    public HurriedClock Clock { get; } = new();

    public GitHubToken Token { get; } = new("ghp_secret0123456789");

    public GitHubRepositoryName Repository { get; } = new("acme", "shop");

    /// <summary>With a slash at its end.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/");

    public IReadOnlyList<SeenRequest> Requests => [.. _requests];

    public ConcurrentQueue<string> Log { get; } = new();

    /// <summary>Every request gets the same answer.</summary>
    public static Task<ScriptedGitHub> StartAsync(int status, string json, params (string Name, string Value)[] headers) =>
        StartAsync((context, _) => WriteAsync(context, status, json, headers));

    public static async Task<ScriptedGitHub> StartAsync(Func<HttpContext, SeenRequest, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new ScriptedGitHub(app) { Answer = answer };
        app.Run(server.TakeAsync);
        await app.StartAsync();
        return server;
    }

    public static async Task WriteAsync(HttpContext context, int status, string body, params (string Name, string Value)[] headers)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        if (status is not (204 or 304))
        {
            await context.Response.WriteAsync(body, context.RequestAborted);
        }
    }

    /// <summary>A class of the client.</summary>
    public T Get<T>()
        where T : notnull => (_services ??= Build()).GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await (_services?.DisposeAsync() ?? ValueTask.CompletedTask);
        await StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>From here on nobody listens.</summary>
    public async Task StopAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
    }

    private ServiceProvider Build()
    {
        var settings = new Dictionary<string, string?> { ["GitHub:BaseUrl"] = Address.AbsoluteUri, ["GitHub:ApiUrl"] = new Uri(Address, "api/v3").AbsoluteUri };
        return new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .AddSingleton<TimeProvider>(Clock)
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new LineLog(Log)))
            .AddGitHubClient()
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = new SeenRequest(
            context.Request.Method,
            context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent(),
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await reader.ReadToEndAsync(context.RequestAborted));
        _requests.Enqueue(request);
        context.Response.Headers.Date = Clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        try
        {
            await Answer(context, request);
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException)
        {
            // The client went away, as it may.
        }
    }

    private sealed class LineLog(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Enqueue($"{logLevel}: {formatter(state, exception)}");

        public void Dispose()
        {
        }
    }
}
