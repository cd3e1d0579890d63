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
public sealed class WebhookSender : IAsyncDisposable
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

    internal async Task PushAsync(HostedRepository repository, string branch, string? from, string? to, HostedAccount pusher)
    {
        const string None = "0000000000000000000000000000000000000000";
        if (IsIdle)
        {
            return;
        }

        var commits = to is null ? [] : from is null ? await repository.Git.LogAsync("-1", to) : await repository.Git.LogAsync("--reverse", $"{from}..{to}");
        var json = Wire.Array(commits.Select(info => (JsonNode?)new JsonObject
        {
            ["id"] = info.Sha,
            ["tree_id"] = info.Tree,
            ["distinct"] = true,
            ["message"] = info.Message,
            ["timestamp"] = Wire.Time(info.Date),
            ["url"] = $"{repository.Page}/commit/{info.Sha}",
            ["author"] = new JsonObject { ["name"] = info.AuthorName, ["email"] = info.AuthorEmail },
            ["committer"] = new JsonObject { ["name"] = info.AuthorName, ["email"] = info.AuthorEmail },
            ["added"] = new JsonArray(),
            ["removed"] = new JsonArray(),
            ["modified"] = new JsonArray(),
        }));
        Send("push", action: null, repository, pusher, new JsonObject
        {
            ["ref"] = $"refs/heads/{branch}",
            ["before"] = from ?? None,
            ["after"] = to ?? None,
            ["created"] = from is null,
            ["deleted"] = to is null,
            ["forced"] = from is not null && to is not null && !await repository.Git.ContainsAsync(to, from),
            ["base_ref"] = null,
            ["compare"] = $"{repository.Page}/compare/{from ?? None}...{to ?? None}",
            ["commits"] = json,
            ["head_commit"] = json.Count > 0 ? json[^1]!.DeepClone() : null,
            ["pusher"] = new JsonObject { ["name"] = pusher.Login, ["email"] = $"{pusher.Login}@localhost" },
        });
    }

    internal async Task PullAsync(string action, HostedPull pull, HostedAccount sender, JsonObject? more = null)
    {
        if (IsIdle)
        {
            return;
        }

        var body = new JsonObject { ["number"] = pull.Number, ["pull_request"] = await pull.ToFullJsonAsync() };
        foreach (var (name, value) in more ?? [])
        {
            body[name] = value?.DeepClone();
        }

        Send("pull_request", action, pull.Repository, sender, body);
    }

    internal Task IssueAsync(string action, HostedIssue issue, HostedAccount sender) => SendAsync("issues", action, issue.Repository, sender, () => new JsonObject { ["issue"] = issue.ToJson() });

    internal Task CommentAsync(string action, HostedComment comment, HostedAccount sender) => SendAsync("issue_comment", action, comment.Issue.Repository, sender, () => new JsonObject { ["issue"] = comment.Issue.ToJson(), ["comment"] = comment.ToJson() });

    internal Task ReviewAsync(HostedReview review) => SendAsync("pull_request_review", "submitted", review.Pull.Repository, review.Author, () =>
    {
        var json = review.ToJson();
        // Webhooks write the state small, the API writes it large.
        json["state"] = review.State.ToLowerInvariant();
        return new JsonObject { ["review"] = json, ["pull_request"] = review.Pull.ToJson() };
    });

    internal Task ReviewCommentAsync(HostedReviewComment comment) => SendAsync("pull_request_review_comment", "created", comment.Thread.Pull.Repository, comment.Author, () => new JsonObject { ["comment"] = comment.ToJson(), ["pull_request"] = comment.Thread.Pull.ToJson() });

    internal Task ThreadAsync(string action, HostedThread thread, HostedAccount sender) => SendAsync("pull_request_review_thread", action, thread.Pull.Repository, sender, () => new JsonObject
    {
        ["thread"] = new JsonObject { ["node_id"] = thread.NodeId, ["comments"] = Wire.Array(thread.Comments.Select(static comment => (JsonNode?)comment.ToJson())) },
        ["pull_request"] = thread.Pull.ToJson(),
    });

    internal Task CheckAsync(string action, HostedCheckRun run) => SendAsync("check_run", action, run.Repository, run.Repository.Somebody, () => new JsonObject { ["check_run"] = run.ToJson() });

    internal Task StatusAsync(HostedStatus status) => SendAsync("status", action: null, status.Repository, status.Creator, () => new JsonObject
    {
        ["id"] = status.Id,
        ["sha"] = status.Commit,
        ["name"] = status.Repository.FullName,
        ["target_url"] = $"{status.Repository.Server.Web}ci/{status.Id}",
        ["context"] = status.Context,
        ["description"] = status.Description,
        ["state"] = status.State,
        ["branches"] = new JsonArray(),
        ["created_at"] = Wire.Time(status.At),
        ["updated_at"] = Wire.Time(status.At),
    });

    internal Task RepositoryMovedAsync(HostedRepository repository, string fromOwner, string fromName) => SendAsync("repository", fromOwner == repository.Owner.Login ? "renamed" : "transferred", repository, repository.Somebody, () => new JsonObject
    {
        ["changes"] = fromOwner == repository.Owner.Login
            ? new JsonObject { ["repository"] = new JsonObject { ["name"] = new JsonObject { ["from"] = fromName } } }
            : new JsonObject { ["owner"] = new JsonObject { ["from"] = new JsonObject { ["organization"] = new JsonObject { ["login"] = fromOwner } } } },
    });

    internal Task InstallationAsync(string name, string action, HostedInstallation installation, HostedAccount sender, JsonObject more)
    {
        if (!IsIdle)
        {
            more["installation"] = installation.ToJson();
            Enqueue(name, action, repository: null, sender, more, target => target.App is null || target.App == installation.App);
        }

        return Task.CompletedTask;
    }

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
        var text = body.ToJsonString();
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
