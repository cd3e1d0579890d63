using System.Text.Json;
using CodexWeb.GitHosts.Webhooks;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.CodeReviews;

/// <summary>Looks at a pull request when GitHub says that it was opened, made ready, pushed to, or that a thread was resolved.</summary>
public sealed class ReviewWebhooks(TaskStore store, CodeReviewSync sync) : IWebhookHandler
{
    /// <inheritdoc/>
    public async ValueTask<string?> HandleAsync(WebhookEvent webhook, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        var isMine = (webhook.Event, webhook.Action) is ("pull_request", "opened" or "reopened" or "ready_for_review" or "synchronize") or ("pull_request_review_thread", "resolved");
        if (!isMine || webhook.RepositoryId is not { } id || NumberOf(webhook.Body) is not { } number)
        {
            return null;
        }

        await using var db = await store.OpenAsync(cancellationToken);
        var sentences = new List<string>();
        // The same repository may be connected by two addresses.
        foreach (var repository in await db.Repositories.AsNoTracking().Where(r => r.HostRepositoryId == id).Select(r => r.Id).ToListAsync(cancellationToken))
        {
            if (await sync.RefreshAsync(repository, number, cancellationToken) is { } sentence)
            {
                sentences.Add(sentence);
            }
        }

        return sentences.Count == 0 ? null : string.Join(' ', sentences.Distinct(StringComparer.Ordinal));
    }

    private static int? NumberOf(JsonElement body) =>
        body.ValueKind is JsonValueKind.Object && body.TryGetProperty("pull_request", out var pull) && pull.ValueKind is JsonValueKind.Object
        && pull.TryGetProperty("number", out var number) && number.ValueKind is JsonValueKind.Number && number.TryGetInt32(out var value) && value > 0
            ? value
            : null;
}
