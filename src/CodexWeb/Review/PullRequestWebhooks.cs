using System.Globalization;
using System.Text.Json;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.GitHosts.Webhooks;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Review;

/// <summary>Takes webhooks as a hint to read a pull request anew. Nothing a webhook says is stored.</summary>
public sealed class PullRequestWebhooks(TaskStore store, PullRequestSync sync, PullRequestTargets targets, GitHubPulls pulls) : IWebhookHandler
{
    private const string Branches = "refs/heads/";

    /// <inheritdoc/>
    public async ValueTask<string?> HandleAsync(WebhookEvent webhook, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        var repositories = await RepositoriesAsync(webhook, cancellationToken);
        if (repositories.Count == 0)
        {
            return null;
        }

        var tasks = webhook.Event switch
        {
            "pull_request" => await OfPullAsync(repositories, webhook, cancellationToken),
            "pull_request_review" or "pull_request_review_comment" or "pull_request_review_thread" => await FindAsync(repositories, p => Number(webhook.Body, "pull_request", "number") == p.Number, cancellationToken),
            "check_run" => await FindAsync(repositories, p => p.HeadCommit == Text(webhook.Body, "check_run", "head_sha"), cancellationToken),
            "check_suite" => await FindAsync(repositories, p => p.HeadCommit == Text(webhook.Body, "check_suite", "head_sha"), cancellationToken),
            "status" => await FindAsync(repositories, p => p.HeadCommit == Text(webhook.Body, "sha"), cancellationToken),
            "push" => await OfPushAsync(repositories, webhook, cancellationToken),
            _ => [],
        };
        foreach (var task in tasks)
        {
            await sync.RefreshAsync(task, cancellationToken);
        }

        return tasks.Count == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"Read the pull {(tasks.Count == 1 ? "request of a task" : $"requests of {tasks.Count} tasks")} anew.");
    }

    // A repository connected before its number was known is known by its name.
    private async Task<List<Repository>> RepositoriesAsync(WebhookEvent webhook, CancellationToken cancellationToken)
    {
        if (webhook.RepositoryId is not { } id)
        {
            return [];
        }

        await using var db = await store.OpenAsync(cancellationToken);
        var known = await db.Repositories.AsNoTracking().Where(r => r.HostRepositoryId == id || r.HostRepositoryId == null).ToListAsync(cancellationToken);
        return [.. known.Where(repository => repository.HostRepositoryId == id
            || (GitHubRepositoryName.TryParse(webhook.RepositoryName, out var name) && name.Equals(targets.NameOf(repository.Url))))];
    }

    private async Task<List<TaskId>> FindAsync(List<Repository> repositories, Func<PullRequest, bool> isMeant, CancellationToken cancellationToken)
    {
        var ids = repositories.ConvertAll(repository => repository.Id);
        await using var db = await store.OpenAsync(cancellationToken);
        var all = await db.PullRequests.AsNoTracking().Where(p => ids.Contains(p.RepositoryId)).ToListAsync(cancellationToken);
        return [.. all.Where(isMeant).Select(p => p.TaskId)];
    }

    private async Task<List<TaskId>> OfPullAsync(List<Repository> repositories, WebhookEvent webhook, CancellationToken cancellationToken)
    {
        var number = Number(webhook.Body, "pull_request", "number") ?? Number(webhook.Body, "number");
        if (webhook.Action is "closed" && number is { } closed && Text(webhook.Body, "pull_request", "body")?.Contains("Reverts ", StringComparison.OrdinalIgnoreCase) is true)
        {
            await NoteRevertsAsync(repositories, closed, cancellationToken);
        }

        return await FindAsync(repositories, p => p.Number == number, cancellationToken);
    }

    // What the webhook hints at is asked of GitHub itself: was that pull request merged, and what does it revert?
    private async Task NoteRevertsAsync(List<Repository> repositories, int number, CancellationToken cancellationToken)
    {
        foreach (var repository in repositories)
        {
            if (await targets.FindAsync(repository.Url, cancellationToken) is not CommandResult<PullRequestTarget>.Done(var target)
                || await pulls.GetAsync(target.Token, target.Repository, number, cancellationToken) is not { Merged: true, Body: { } text })
            {
                continue;
            }

            await using var db = await store.OpenAsync(cancellationToken);
            var merged = await db.PullRequests.Where(p => p.RepositoryId == repository.Id && p.State == PullRequestState.Merged && p.RevertedAt == null).ToListAsync(cancellationToken);
            foreach (var pull in merged.Where(pull => PullRequestReader.Reverts(text, target.Repository, pull) && pull.Revert($"#{number}", store.Time.GetUtcNow())))
            {
                await store.SaveAsync(db, pull.TaskId, cancellationToken);
            }
        }
    }

    private async Task<List<TaskId>> OfPushAsync(List<Repository> repositories, WebhookEvent webhook, CancellationToken cancellationToken)
    {
        if (Text(webhook.Body, "ref") is not { } name || !name.StartsWith(Branches, StringComparison.Ordinal))
        {
            return [];
        }

        var branch = name[Branches.Length..];
        var ids = repositories.ConvertAll(repository => repository.Id);
        var now = store.Time.GetUtcNow();
        await using var db = await store.OpenAsync(cancellationToken);
        using (await store.EnterAsync(cancellationToken))
        {
            // A push to a base may make conflicts in many: they are read one by one, in their turn.
            await db.PullRequests
                .Where(p => ids.Contains(p.RepositoryId) && p.BaseBranch == branch && (p.State == PullRequestState.Open || p.State == PullRequestState.Draft))
                .ExecuteUpdateAsync(set => set.SetProperty(p => p.NextSyncAt, now), cancellationToken);
        }

        var reverts = webhook.Body.TryGetProperty("commits", out var commits) && commits.ValueKind is JsonValueKind.Array
            && commits.EnumerateArray().Any(commit => Text(commit, "message")?.Contains("revert", StringComparison.OrdinalIgnoreCase) is true);
        return await FindAsync(repositories, p => p.HeadBranch == branch || (reverts && p.BaseBranch == branch && p is { State: PullRequestState.Merged, RevertedAt: null }), cancellationToken);
    }

    private static string? Text(JsonElement body, params ReadOnlySpan<string> path) => Find(body, path) is { ValueKind: JsonValueKind.String } found ? found.GetString() : null;

    private static int? Number(JsonElement body, params ReadOnlySpan<string> path) => Find(body, path) is { ValueKind: JsonValueKind.Number } found && found.TryGetInt32(out var number) ? number : null;

    private static JsonElement? Find(JsonElement body, ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (body.ValueKind is not JsonValueKind.Object || !body.TryGetProperty(name, out body))
            {
                return null;
            }
        }

        return body;
    }
}
