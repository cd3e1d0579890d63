using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>Pull requests: opened, listed, changed, merged.</summary>
internal static class PullEndpoints
{
    private const string Base = "/repos/{owner}/{name}/pulls";

    public static void Map(ApiRoutes api)
    {
        api.Get(Base, List);
        api.Post(Base, OpenAsync);
        api.Get(Base + "/{number:long}", static async call => await Of(call).ToFullJsonAsync());
        api.Patch(Base + "/{number:long}", ChangeAsync);
        api.Get(Base + "/{number:long}/files", FilesAsync);
        api.Get(Base + "/{number:long}/commits", CommitsAsync);
        api.Get(Base + "/{number:long}/merge", static call => Of(call).Merged ? ApiAnswer.NoContent : throw Refusal.NotFound());
        api.Put(Base + "/{number:long}/merge", MergeAsync);
        api.Get(Base + "/{number:long}/requested_reviewers", static call => new JsonObject { ["users"] = Wire.Array(Of(call).RequestedReviewers.Select(static account => (JsonNode?)account.ToJson())), ["teams"] = new JsonArray() });
        api.Post(Base + "/{number:long}/requested_reviewers", RequestReviewersAsync);
        api.Delete(Base + "/{number:long}/requested_reviewers", WithdrawReviewers);
    }

    /// <summary>The pull request of the address.</summary>
    public static HostedPull Of(ApiCall call, RepositoryRole atLeast = RepositoryRole.Read, string? writes = null) =>
        call.Repository(atLeast, writes).FindIssue(call.Number("number"))?.Pull ?? throw Refusal.NotFound();

    private static ApiAnswer List(ApiCall call)
    {
        var state = call.Query("state") ?? "open";
        var (head, into) = (call.Query("head"), call.Query("base"));
        var found = call.Repository().Pulls
            .Where(pull => state == "all" || state == pull.Issue.State)
            // A head without an owner is not looked at, as on GitHub.
            .Where(pull => head?.Contains(':', StringComparison.Ordinal) is not true || string.Equals(head, $"{pull.HeadRepository.Owner.Login}:{pull.HeadBranch}", StringComparison.OrdinalIgnoreCase))
            .Where(pull => into is null || into == pull.BaseBranch);
        Func<HostedPull, DateTimeOffset> by = call.Query("sort") == "updated" ? static pull => pull.Issue.UpdatedAt : static pull => pull.Issue.CreatedAt;
        var ascends = (call.Query("direction") ?? (call.Query("sort") is null ? "desc" : "asc")) == "asc";
        return call.Page(ascends ? found.OrderBy(by).ThenBy(static pull => pull.Number) : found.OrderByDescending(by).ThenByDescending(static pull => pull.Number), static pull => pull.ToJson());
    }

    private static async Task<ApiAnswer> OpenAsync(ApiCall call)
    {
        var head = call.Required("head");
        var repository = call.Repository(head.Contains(':', StringComparison.Ordinal) ? RepositoryRole.Read : RepositoryRole.Write, "pull_requests");
        var into = call.Required("base");
        var title = call.Required("title");
        if (title.Trim().Length == 0)
        {
            throw Refusal.Invalid("PullRequest", "title", "missing_field");
        }

        if (call.Text("body") is { Length: > 65536 })
        {
            throw Refusal.Custom("PullRequest", "body is too long (maximum is 65536 characters)", "body");
        }

        // GitHub takes owner:branch for branches of the repository itself too.
        var prefix = repository.Owner.Login + ":";
        var branch = head.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? head[prefix.Length..] : head;
        var pull = await repository.OpenPullAsync(call.Caller.Author, title, branch, into, call.Text("body"), call.Flag("draft"));
        return ApiAnswer.Created(await pull.ToFullJsonAsync());
    }

    private static async Task<ApiAnswer> ChangeAsync(ApiCall call)
    {
        var pull = Of(call, writes: "pull_requests");
        if (pull.Issue.Author != call.Caller.Author)
        {
            call.Require(pull.Repository, RepositoryRole.Write);
        }

        var changes = new JsonObject();
        if (call.Text("title") is { } title && title != pull.Title)
        {
            changes["title"] = new JsonObject { ["from"] = pull.Title };
            pull.Issue.Title = title.Trim().Length > 0 ? title : throw Refusal.Invalid("PullRequest", "title", "missing_field");
        }

        if (call.Text("body") is { } body && body != pull.Body)
        {
            changes["body"] = new JsonObject { ["from"] = pull.Body ?? "" };
            pull.Issue.Body = body;
        }

        if (call.Text("base") is { } into && into != pull.BaseBranch)
        {
            var sha = await pull.Repository.HeadAsync(into) ?? throw Refusal.Invalid("PullRequest", "base");
            changes["base"] = new JsonObject { ["ref"] = new JsonObject { ["from"] = pull.BaseBranch }, ["sha"] = new JsonObject { ["from"] = pull.BaseSha } };
            pull.BaseBranch = into;
            await pull.TakeAsync(pull.HeadSha, sha);
        }

        if (changes.Count > 0)
        {
            pull.Issue.Touch();
            await call.Server.Webhooks.PullAsync("edited", pull, call.Caller.Author, new JsonObject { ["changes"] = changes });
        }

        await SetStateAsync(call, pull);
        return await pull.ToFullJsonAsync();
    }

    private static async Task SetStateAsync(ApiCall call, HostedPull pull)
    {
        switch (call.Text("state"))
        {
            case null:
                break;
            case "closed":
                await pull.CloseAsync(call.Caller.Author);
                break;
            case "open" when !pull.IsOpen:
                await pull.ReopenAsync(call.Caller.Author);
                break;
            case "open":
                break;
            default:
                throw Refusal.Invalid("PullRequest", "state");
        }
    }

    private static async Task<ApiAnswer> FilesAsync(ApiCall call)
    {
        var pull = Of(call);
        return call.Page((await pull.DiffAsync()).Files, file => file.ToJson(pull.Repository, pull.HeadSha));
    }

    private static async Task<ApiAnswer> CommitsAsync(ApiCall call)
    {
        var pull = Of(call);
        return call.Page(await pull.Repository.Git.LogAsync($"{pull.BaseSha}..{pull.HeadSha}", "--reverse"), info => CommitJson.Of(pull.Repository, info));
    }

    private static async Task<ApiAnswer> MergeAsync(ApiCall call)
    {
        var pull = Of(call, RepositoryRole.Write, "contents");
        if (call.Text("sha") is { } sha && sha != pull.HeadSha)
        {
            throw new Refusal(409, "Head branch was modified. Review and try the merge again.");
        }

        var method = call.Text("merge_method") ?? "merge";
        if (method == "rebase" || (method == "squash" && !pull.Repository.AllowsSquash))
        {
            throw new Refusal(405, method == "rebase" ? "Rebase merges are not allowed on this repository." : "Squash merges are not allowed on this repository.");
        }

        try
        {
            var commit = await pull.MergeAsync(call.Caller.Author, method == "squash", call.Text("commit_title"), call.Text("commit_message"));
            return new JsonObject { ["sha"] = commit, ["merged"] = true, ["message"] = "Pull Request successfully merged" };
        }
        catch (InvalidOperationException reason)
        {
            throw new Refusal(405, reason.Message);
        }
    }

    private static async Task<ApiAnswer> RequestReviewersAsync(ApiCall call)
    {
        var pull = Of(call, RepositoryRole.Triage, "pull_requests");
        if (call.Texts("team_reviewers").Count > 0)
        {
            throw new Refusal(422, "Could not resolve to a node with the global id of a team.");
        }

        foreach (var login in call.Texts("reviewers"))
        {
            var reviewer = call.Server.Account(login);
            if (reviewer is null || pull.Repository.RoleOf(reviewer) == RepositoryRole.None || pull.Repository.Collaborators.All(pair => pair.Account != reviewer))
            {
                throw new Refusal(422, "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the " + pull.Repository.FullName + " repository.");
            }

            if (reviewer == pull.Issue.Author)
            {
                throw new Refusal(422, "Review cannot be requested from pull request author.");
            }

            pull.RequestedReviewers = pull.RequestedReviewers.Contains(reviewer) ? pull.RequestedReviewers : pull.RequestedReviewers.Add(reviewer);
            pull.Issue.Touch();
            await call.Server.Webhooks.PullAsync("review_requested", pull, call.Caller.Author, new JsonObject { ["requested_reviewer"] = reviewer.ToJson() });
        }

        return ApiAnswer.Created(pull.ToJson());
    }

    private static ApiAnswer WithdrawReviewers(ApiCall call)
    {
        var pull = Of(call, RepositoryRole.Triage, "pull_requests");
        var logins = call.Texts("reviewers");
        pull.RequestedReviewers = pull.RequestedReviewers.RemoveAll(account => logins.Contains(account.Login, StringComparer.OrdinalIgnoreCase));
        return pull.ToJson();
    }
}
