using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>What each webhook says.</summary>
public sealed partial class WebhookSender
{
    internal async Task PushAsync(HostedRepository repository, string branch, string? from, string? to, HostedAccount pusher)
    {
        const string None = "0000000000000000000000000000000000000000";
        if (IsIdle)
        {
            return;
        }

        var commits = to is null ? [] : from is null ? await repository.Git.LogAsync(to, "-1") : await repository.Git.LogAsync($"{from}..{to}", "--reverse");
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

    /// <summary>A comment in a conversation.</summary>
    /// <param name="former">The text before it was edited; null when it was not.</param>
    internal Task CommentAsync(string action, HostedComment comment, HostedAccount sender, string? former = null) => SendAsync("issue_comment", action, comment.Issue.Repository, sender, () =>
    {
        var json = new JsonObject { ["issue"] = comment.Issue.ToJson(), ["comment"] = comment.ToJson() };
        if (former is not null)
        {
            json["changes"] = new JsonObject { ["body"] = new JsonObject { ["from"] = former } };
        }

        return json;
    });

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

    internal async Task StatusAsync(HostedStatus status)
    {
        if (IsIdle)
        {
            return;
        }

        var commit = CommitJson.Of(status.Repository, (await status.Repository.Git.LogAsync(status.Commit, "-1"))[0]);
        await SendAsync("status", action: null, status.Repository, status.Creator, () => StatusJson(status, commit));
    }

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

    private static JsonObject StatusJson(HostedStatus status, JsonObject commit) => new()
    {
        ["id"] = status.Id,
        ["commit"] = commit,
        ["sha"] = status.Commit,
        ["name"] = status.Repository.FullName,
        ["target_url"] = $"{status.Repository.Server.Web}ci/{status.Id}",
        ["context"] = status.Context,
        ["description"] = status.Description,
        ["state"] = status.State,
        ["branches"] = new JsonArray(),
        ["created_at"] = Wire.Time(status.At),
        ["updated_at"] = Wire.Time(status.At),
    };
}
