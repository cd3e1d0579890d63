using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>Issues, the conversation of issues and pull requests, and labels.</summary>
internal static class IssueEndpoints
{
    private const string Repository = "/repos/{owner}/{name}";
    private const string Base = Repository + "/issues";

    public static void Map(ApiRoutes api)
    {
        api.Get(Base, List);
        api.Post(Base, OpenAsync);
        api.Get(Base + "/{number:long}", static call => Of(call).ToJson());
        api.Patch(Base + "/{number:long}", ChangeAsync);
        api.Get(Base + "/{number:long}/comments", static call => call.Page(Of(call).Comments.Where(comment => call.Since is not { } since || comment.UpdatedAt >= since), static comment => comment.ToJson()));
        api.Post(Base + "/{number:long}/comments", CommentAsync);
        api.Get(Base + "/comments/{comment:long}", static call => Find(call.Repository(), call.Number("comment")).ToJson());
        api.Patch(Base + "/comments/{comment:long}", EditAsync);
        api.Delete(Base + "/comments/{comment:long}", Delete);
        api.Get(Base + "/{number:long}/labels", static call => call.Page(Of(call).Labels, Of(call).Repository.LabelJson));
        api.Post(Base + "/{number:long}/labels", AddLabelsAsync);
        api.Delete(Base + "/{number:long}/labels/{label}", RemoveLabel);
        api.Post(Base + "/{number:long}/assignees", Assign);
        api.Get(Repository + "/labels", static call => call.Page(call.Repository().LabelNames, call.Repository().LabelJson));
    }

    public static HostedComment Find(HostedRepository repository, long id) =>
        repository.Conversations.SelectMany(static issue => issue.Comments).FirstOrDefault(comment => comment.Id == id) ?? throw Refusal.NotFound();

    public static HostedIssue Of(ApiCall call, RepositoryRole atLeast = RepositoryRole.Read, string? writes = null) =>
        call.Repository(atLeast, writes).FindIssue(call.Number("number")) ?? throw Refusal.NotFound();

    private static ApiAnswer List(ApiCall call)
    {
        var state = call.Query("state") ?? "open";
        var labels = call.Query("labels")?.Split(',') ?? [];
        return call.Page(
            call.Repository().Conversations
                .Where(issue => state == "all" || state == issue.State)
                .Where(issue => labels.All(label => issue.Labels.Contains(label, StringComparer.OrdinalIgnoreCase)))
                .Where(issue => call.Since is not { } since || issue.UpdatedAt >= since)
                .OrderByDescending(static issue => issue.Number),
            static issue => issue.ToJson());
    }

    private static async Task<ApiAnswer> OpenAsync(ApiCall call)
    {
        var repository = call.Repository(writes: "issues");
        return ApiAnswer.Created((await repository.OpenIssueAsync(call.Caller.Author, call.Required("title"), call.Text("body"), [.. call.Texts("labels")])).ToJson());
    }

    private static async Task<ApiAnswer> ChangeAsync(ApiCall call)
    {
        var issue = Of(call, RepositoryRole.Triage, "issues");
        issue.Title = call.Text("title") ?? issue.Title;
        issue.Body = call.Text("body") ?? issue.Body;
        issue.Labels = call.Body["labels"] is null ? issue.Labels : [.. call.Texts("labels")];
        issue.Touch();
        if (call.Text("state") is { } state && state != issue.State)
        {
            if (state is not ("open" or "closed"))
            {
                throw Refusal.Invalid("Issue", "state");
            }

            if (issue.Pull is { } pull)
            {
                await (state == "closed" ? pull.CloseAsync(call.Caller.Author) : pull.ReopenAsync(call.Caller.Author));
            }
            else
            {
                issue.State = state;
                issue.ClosedAt = state == "closed" ? call.Server.Now() : null;
                await call.Server.Webhooks.IssueAsync(state == "closed" ? "closed" : "reopened", issue, call.Caller.Author);
            }
        }

        return issue.ToJson();
    }

    private static async Task<ApiAnswer> CommentAsync(ApiCall call)
    {
        var issue = Of(call, writes: "issues");
        var body = call.Required("body");
        if (body.Trim().Length == 0)
        {
            throw Refusal.Invalid("IssueComment", "body", "missing_field");
        }

        if (body.Length > 65536)
        {
            throw Refusal.Custom("IssueComment", "body is too long (maximum is 65536 characters)", "body");
        }

        return ApiAnswer.Created((await issue.Repository.AddCommentAsync(issue.Number, call.Caller.Author, body)).ToJson());
    }

    private static async Task<ApiAnswer> EditAsync(ApiCall call)
    {
        var comment = Find(call.Repository(writes: "issues"), call.Number("comment"));
        if (comment.Author != call.Caller.Author)
        {
            call.Require(comment.Issue.Repository, RepositoryRole.Write);
        }

        var former = comment.Body;
        comment.Write(call.Required("body"));
        await call.Server.Webhooks.CommentAsync("edited", comment, call.Caller.Author, former);
        return comment.ToJson();
    }

    private static ApiAnswer Delete(ApiCall call)
    {
        var comment = Find(call.Repository(writes: "issues"), call.Number("comment"));
        if (comment.Author != call.Caller.Author)
        {
            call.Require(comment.Issue.Repository, RepositoryRole.Write);
        }

        comment.Issue.Remove(comment);
        return ApiAnswer.NoContent;
    }

    private static async Task<ApiAnswer> AddLabelsAsync(ApiCall call)
    {
        var issue = Of(call, RepositoryRole.Triage, "issues");
        foreach (var label in call.Texts("labels").Where(label => !issue.Labels.Contains(label, StringComparer.OrdinalIgnoreCase)))
        {
            issue.Labels = issue.Labels.Add(label);
            issue.Touch();
            if (issue.Pull is { } pull)
            {
                await call.Server.Webhooks.PullAsync("labeled", pull, call.Caller.Author, new JsonObject { ["label"] = issue.Repository.LabelJson(label) });
            }
        }

        return issue.Repository.LabelsJson(issue.Labels);
    }

    private static ApiAnswer RemoveLabel(ApiCall call)
    {
        var issue = Of(call, RepositoryRole.Triage, "issues");
        var name = issue.Labels.Find(label => string.Equals(label, call.Route("label"), StringComparison.OrdinalIgnoreCase)) ?? throw new Refusal(404, "Label does not exist");
        issue.Labels = issue.Labels.Remove(name);
        return issue.Repository.LabelsJson(issue.Labels);
    }

    private static ApiAnswer Assign(ApiCall call)
    {
        var issue = Of(call, RepositoryRole.Triage, "issues");
        // Whoever cannot be assigned is left out without a word, as on GitHub.
        var assignees = call.Texts("assignees").Select(call.Server.Account).OfType<HostedAccount>().Where(account => issue.Repository.Collaborators.Any(pair => pair.Account == account));
        issue.Assignees = [.. issue.Assignees.Union(assignees)];
        issue.Touch();
        return ApiAnswer.Created(issue.ToJson());
    }
}

/// <summary>Reactions to issues, comments and comments on lines.</summary>
internal static class ReactionEndpoints
{
    public static void Map(ApiRoutes api)
    {
        Map(api, "/issues/{number:long}", static call => IssueEndpoints.Of(call).Reactions);
        Map(api, "/issues/comments/{comment:long}", static call => IssueEndpoints.Find(call.Repository(), call.Number("comment")).Reactions);
        Map(api, "/pulls/comments/{comment:long}", static call => ReviewEndpoints.Find(call.Repository(), call.Number("comment")).Reactions);
    }

    private static void Map(ApiRoutes api, string path, Func<ApiCall, Reactions> find)
    {
        var whole = "/repos/{owner}/{name}" + path + "/reactions";
        api.Get(whole, call => call.Page(find(call).ToJson(), static reaction => reaction));
        api.Post(whole, call =>
        {
            var content = call.Required("content");
            if (!Reactions.Known.Contains(content))
            {
                throw Refusal.Invalid("Reaction", "content");
            }

            var (json, isNew) = find(call).Add(call.Server, call.Caller.Author, content);
            return new ApiAnswer(isNew ? 201 : 200, json);
        });
    }
}
