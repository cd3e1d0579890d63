using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace CodexWeb.EmulatedGitHub;

/// <summary>A webhook that was sent or could not be.</summary>
/// <param name="Delivery">The delivery's id, which a redelivery keeps.</param>
/// <param name="Status">What was answered; null when nobody did.</param>
public sealed record SentWebhook(string Delivery, string Event, string? Action, string Body, Uri Address, string Signature, HttpStatusCode? Status);

/// <summary>Sends webhooks in order, each signed over its body. Redelivery sends the same delivery again.</summary>
public sealed partial class WebhookSender : IAsyncDisposable
{
    private readonly GitHubServer _server;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(10) };
    private readonly Channel<(SentWebhook Webhook, TaskCompletionSource<SentWebhook> Done)> _queue = Channel.CreateUnbounded<(SentWebhook, TaskCompletionSource<SentWebhook>)>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _sending;
    private ImmutableList<SentWebhook> _sent = [];
    private ImmutableList<(Uri Address, string Secret, HostedApp? App)> _targets = [];

    internal WebhookSender(GitHubServer server)
    {
        _server = server;
        _sending = SendAllAsync();
    }

    /// <summary>What was sent so far, redeliveries included.</summary>
    public IReadOnlyList<SentWebhook> Sent => _sent;

    /// <summary>Nothing is sent while this is so: as when the receiver cannot be reached, which is not told it later.</summary>
    public bool Muted { get; set; }

    /// <summary>Waits until all that was to be sent is.</summary>
    public async Task AllSentAsync()
    {
        var done = new TaskCompletionSource<SentWebhook>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _queue.Writer.WriteAsync((Nothing, done));
        await done.Task;
    }

    /// <summary>Sends something again as it was: the same id, body and signature.</summary>
    public Task<SentWebhook> RedeliverAsync(SentWebhook webhook) => EnqueueAsync(webhook with { Status = null });

    /// <summary>Sends a body of the test's own, signed as the others are.</summary>
    /// <param name="signature">Null: the right one.</param>
    public Task<SentWebhook> SendAsync(string name, string body, string? signature = null)
    {
        var (address, secret, _) = _targets[0];
        return EnqueueAsync(new SentWebhook(Guid.NewGuid().ToString(), name, Action: null, body, address, signature ?? Sign(body, secret), Status: null));
    }

    /// <summary>The signature of a body, as it stands in <c>X-Hub-Signature-256</c>.</summary>
    public static string Sign(string body, string secret) => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _sending;
        _http.Dispose();
    }

    internal void SendTo(Uri address, string secret, HostedApp? app = null) => ImmutableInterlocked.Update(ref _targets, list => list.Add((address, secret, app)));

    private static SentWebhook Nothing => new("", "", Action: null, "", new Uri("http://127.0.0.1"), "", Status: null);

    private bool IsIdle => _targets.IsEmpty || Muted;

    private Task SendAsync(string name, string? action, HostedRepository repository, HostedAccount sender, Func<JsonObject> body)
    {
        if (!IsIdle)
        {
            Send(name, action, repository, sender, body());
        }

        return Task.CompletedTask;
    }

    private void Send(string name, string? action, HostedRepository repository, HostedAccount sender, JsonObject body)
    {
        var installation = _server.Apps.All.Select(app => app.InstallationFor(repository)).FirstOrDefault(static found => found is not null);
        if (installation is not null)
        {
            body["installation"] = new JsonObject { ["id"] = installation.Id, ["node_id"] = $"MDIzO{installation.Id}" };
        }

        Enqueue(name, action, repository, sender, body, target => target.App is null || target.App.InstallationFor(repository) is not null);
    }

    private void Enqueue(string name, string? action, HostedRepository? repository, HostedAccount sender, JsonObject body, Func<(Uri Address, string Secret, HostedApp? App), bool> isFor)
    {
        if (action is not null)
        {
            body.Insert(0, "action", action);
        }

        if (repository is not null)
        {
            body["repository"] = repository.ToJson();
            if (repository.Owner.Kind == AccountKind.Organization)
            {
                body["organization"] = repository.Owner.ToOrganisationJson();
            }
        }

        body["sender"] = sender.ToJson();
        var text = Wire.Text(body);
        foreach (var (address, secret, _) in _targets.Where(isFor))
        {
            _ = EnqueueAsync(new SentWebhook(Guid.NewGuid().ToString(), name, action, text, address, Sign(text, secret), Status: null));
        }
    }

    private Task<SentWebhook> EnqueueAsync(SentWebhook webhook)
    {
        var done = new TaskCompletionSource<SentWebhook>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_queue.Writer.TryWrite((webhook, done)))
        {
            done.SetResult(webhook);
        }

        return done.Task;
    }

    private async Task SendAllAsync()
    {
        await foreach (var (webhook, done) in _queue.Reader.ReadAllAsync())
        {
            if (webhook.Delivery.Length == 0)
            {
                done.SetResult(webhook);
                continue;
            }

            var sent = webhook with { Status = await PostAsync(webhook) };
            ImmutableInterlocked.Update(ref _sent, list => list.Add(sent));
            done.SetResult(sent);
        }
    }

    private async Task<HttpStatusCode?> PostAsync(SentWebhook webhook)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, webhook.Address) { Content = new StringContent(webhook.Body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("User-Agent", "GitHub-Hookshot/0000000");
        request.Headers.Add("X-GitHub-Event", webhook.Event);
        request.Headers.Add("X-GitHub-Delivery", webhook.Delivery);
        request.Headers.Add("X-GitHub-Hook-ID", "1");
        request.Headers.Add("X-Hub-Signature-256", webhook.Signature);
        try
        {
            using var response = await _http.SendAsync(request);
            return response.StatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }
}
