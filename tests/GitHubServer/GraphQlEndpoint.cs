using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CodexWeb.EmulatedGitHub;

/// <summary>The few parts of GitHub's GraphQL that REST has no match for: drafts, and threads of reviews.</summary>
internal static class GraphQlEndpoint
{
    public static void Map(WebApplication app, GitHubServer server)
    {
        foreach (var path in (string[])["/api/graphql", GitHubRoutes.Prefix + "/graphql"])
        {
            app.MapPost(path, (HttpContext context) => ServeAsync(server, context));
        }
    }

    private static async Task ServeAsync(GitHubServer server, HttpContext context)
    {
        if (await server.Faults.StrikeAsync(context))
        {
            return;
        }

        try
        {
            var caller = server.Credentials.Of(context.Request);
            if (caller is Caller.Anonymous)
            {
                throw new Refusal(401, "This endpoint requires you to be authenticated.");
            }

            await GitHubRoutes.WriteAsync(context, await AnswerAsync(server, caller, await BodyAsync(context.Request)), 200);
        }
        catch (Refusal refusal)
        {
            await GitHubRoutes.WriteAsync(context, refusal.ToJson(), refusal.Status);
        }
    }

    private static async Task<JsonObject> BodyAsync(HttpRequest request)
    {
        try
        {
            return await JsonNode.ParseAsync(request.Body) as JsonObject ?? throw new Refusal(400, "Problems parsing JSON");
        }
        catch (JsonException)
        {
            throw new Refusal(400, "Problems parsing JSON");
        }
    }

    private static async Task<JsonObject> AnswerAsync(GitHubServer server, Caller caller, JsonObject body)
    {
        var fields = GraphQlDocument.Read(body["query"]?.GetValue<string>() ?? throw new Refusal(400, "A query attribute must be specified and must be a string."), body["variables"] as JsonObject ?? []);
        var data = new JsonObject();
        var errors = new JsonArray();
        foreach (var field in fields)
        {
            try
            {
                data[field.Key] = await ResolveAsync(server, caller, field) is { } whole ? Select(whole, field) : null;
            }
            catch (GraphQlError error)
            {
                data[field.Key] = null;
                errors.Add(new JsonObject { ["type"] = error.Type, ["path"] = new JsonArray(field.Key), ["locations"] = new JsonArray(), ["message"] = error.Message });
            }
        }

        var answer = new JsonObject { ["data"] = data };
        if (errors.Count > 0)
        {
            answer["errors"] = errors;
        }

        return answer;
    }

    private static async Task<JsonNode?> ResolveAsync(GitHubServer server, Caller caller, GraphQlField field)
    {
        var input = field.Arguments["input"] as JsonObject ?? [];
        switch (field.Name)
        {
            case "viewer":
                return new JsonObject { ["login"] = caller.Author.Login, ["id"] = caller.Author.NodeId };
            case "repository":
                return Repository(server, caller, field);
            case "node":
                return Node(server, caller, field);
            case "markPullRequestReadyForReview" or "convertPullRequestToDraft":
                var pull = Pull(server, caller, Text(input, "pullRequestId"), RepositoryRole.Write);
                await pull.SetDraftAsync(field.Name == "convertPullRequestToDraft", caller.Author);
                return new JsonObject { ["pullRequest"] = PullNode(pull), ["clientMutationId"] = input["clientMutationId"]?.DeepClone() };
            case "resolveReviewThread" or "unresolveReviewThread":
                var thread = Thread(server, caller, Text(input, "threadId"));
                thread.IsResolved = field.Name == "resolveReviewThread";
                thread.ResolvedBy = thread.IsResolved ? caller.Author : null;
                await server.Webhooks.ThreadAsync(thread.IsResolved ? "resolved" : "unresolved", thread, caller.Author);
                return new JsonObject { ["thread"] = ThreadNode(thread), ["clientMutationId"] = input["clientMutationId"]?.DeepClone() };
            default:
                throw new GraphQlError("undefinedField", $"Field '{field.Name}' doesn't exist on type 'Query'");
        }
    }

    private static JsonObject Repository(GitHubServer server, Caller caller, GraphQlField field)
    {
        var name = $"{Text(field.Arguments, "owner")}/{Text(field.Arguments, "name")}";
        var repository = server.Find(name);
        if (repository is null || Access.RoleOf(caller, repository) == RepositoryRole.None)
        {
            throw NotFound($"Could not resolve to a Repository with the name '{name}'.");
        }

        var json = new JsonObject { ["__typename"] = "Repository", ["id"] = $"R_{repository.Id}", ["databaseId"] = repository.Id, ["nameWithOwner"] = repository.FullName };
        foreach (var asked in field.Fields.Where(static asked => asked.Name == "pullRequest"))
        {
            var number = asked.Arguments["number"]?.GetValue<int>() ?? throw NotFound("Argument 'number' is missing.");
            json[asked.Key] = repository.FindIssue(number)?.Pull is { } pull ? Paged(PullNode(pull), asked) : throw NotFound($"Could not resolve to a PullRequest with the number of {number.ToString(CultureInfo.InvariantCulture)}.");
        }

        return json;
    }

    private static JsonObject Node(GitHubServer server, Caller caller, GraphQlField field)
    {
        var id = Text(field.Arguments, "id");
        return id.StartsWith("PRRT_", StringComparison.Ordinal)
            ? ThreadNode(Thread(server, caller, id))
            : Paged(PullNode(Pull(server, caller, id, RepositoryRole.Read)), field);
    }

    private static HostedPull Pull(GitHubServer server, Caller caller, string id, RepositoryRole atLeast)
    {
        var pull = server.Repositories.SelectMany(static repository => repository.Pulls).FirstOrDefault(pull => pull.NodeId == id);
        return Allowed(caller, pull?.Repository, atLeast) ? pull! : throw NotFound($"Could not resolve to a node with the global id of '{id}'");
    }

    private static HostedThread Thread(GitHubServer server, Caller caller, string id)
    {
        var thread = server.Repositories.SelectMany(static repository => repository.Pulls).SelectMany(static pull => pull.Threads).FirstOrDefault(thread => thread.NodeId == id);
        return Allowed(caller, thread?.Pull.Repository, RepositoryRole.Read) ? thread! : throw NotFound($"Could not resolve to a node with the global id of '{id}'");
    }

    private static bool Allowed(Caller caller, HostedRepository? repository, RepositoryRole atLeast)
    {
        var role = repository is null ? RepositoryRole.None : Access.RoleOf(caller, repository);
        return role == RepositoryRole.None ? false : role >= atLeast ? true : throw new GraphQlError("FORBIDDEN", $"{caller.Author.Login} does not have the correct permissions to execute this.");
    }

    private static JsonObject PullNode(HostedPull pull) => new()
    {
        ["__typename"] = "PullRequest",
        ["id"] = pull.NodeId,
        ["databaseId"] = pull.Id,
        ["number"] = pull.Number,
        ["isDraft"] = pull.Draft,
        ["state"] = pull.Merged ? "MERGED" : pull.Issue.State.ToUpperInvariant(),
        ["title"] = pull.Title,
        ["url"] = pull.Issue.PageUrl,
        ["reviewThreads"] = new JsonObject { ["totalCount"] = pull.Threads.Count, ["nodes"] = Wire.Array(pull.Threads.Select(static thread => (JsonNode?)ThreadNode(thread))) },
    };

    private static JsonObject ThreadNode(HostedThread thread) => new()
    {
        ["__typename"] = "PullRequestReviewThread",
        ["id"] = thread.NodeId,
        ["isResolved"] = thread.IsResolved,
        ["isOutdated"] = thread.IsOutdated,
        ["isCollapsed"] = thread.IsResolved,
        ["path"] = thread.Original.Path,
        ["line"] = thread.Place?.Line,
        ["originalLine"] = thread.Original.Line,
        ["startLine"] = thread.Place?.StartLine,
        ["diffSide"] = thread.Original.Side,
        ["resolvedBy"] = thread.ResolvedBy is { } account ? new JsonObject { ["login"] = account.Login } : null,
        ["comments"] = new JsonObject
        {
            ["totalCount"] = thread.Comments.Count,
            ["nodes"] = Wire.Array(thread.Comments.Select(static comment => (JsonNode?)new JsonObject
            {
                ["id"] = $"PRRC_{comment.Id}",
                ["databaseId"] = comment.Id,
                ["fullDatabaseId"] = comment.Id.ToString(CultureInfo.InvariantCulture),
                ["body"] = comment.Body,
                ["author"] = new JsonObject { ["login"] = comment.Author.Login },
            })),
        },
    };

    /// <summary>Cuts the threads to the page that is asked for.</summary>
    private static JsonObject Paged(JsonObject pull, GraphQlField field)
    {
        foreach (var asked in field.Fields.Where(static asked => asked.Name == "reviewThreads"))
        {
            var first = asked.Arguments["first"]?.GetValue<int>() ?? asked.Arguments["last"]?.GetValue<int>() ?? throw new GraphQlError("MISSING_PAGINATION_BOUNDARIES", "You must provide a `first` or `last` value to properly paginate the `reviewThreads` connection.");
            if (first is < 1 or > 100)
            {
                throw new GraphQlError("EXCESSIVE_PAGINATION", $"Requesting {first.ToString(CultureInfo.InvariantCulture)} records on the `reviewThreads` connection exceeds the `first` limit of 100 records.");
            }

            var start = int.TryParse(asked.Arguments["after"]?.GetValue<string>(), NumberStyles.None, CultureInfo.InvariantCulture, out var after) ? after : 0;
            var all = pull["reviewThreads"]!["nodes"]!.AsArray().Select(static node => node!.DeepClone()).ToList();
            var page = all.Skip(start).Take(first).ToList();
            pull["reviewThreads"] = new JsonObject
            {
                ["totalCount"] = all.Count,
                ["nodes"] = Wire.Array(page),
                ["pageInfo"] = new JsonObject { ["hasNextPage"] = start + page.Count < all.Count, ["endCursor"] = page.Count == 0 ? null : (start + page.Count).ToString(CultureInfo.InvariantCulture) },
            };
        }

        return pull;
    }

    /// <summary>Leaves only what is asked for, and refuses what there is not.</summary>
    private static JsonNode? Select(JsonNode? whole, GraphQlField field)
    {
        switch (whole)
        {
            case null:
                return null;
            case JsonArray array:
                return Wire.Array(array.Select(item => Select(item, field)));
            case JsonObject when field.Fields.Count == 0:
                throw new GraphQlError("selectionMismatch", $"Field must have selections (field '{field.Name}' returns an object but has no selections. Did you mean '{field.Name} {{ ... }}'?)");
            case JsonObject from:
                var selected = new JsonObject();
                foreach (var asked in field.Fields.Where(asked => asked.On is null || asked.On == from["__typename"]?.GetValue<string>()))
                {
                    // What has arguments of its own is there under its alias already.
                    var name = from.ContainsKey(asked.Key) ? asked.Key : asked.Name;
                    selected[asked.Key] = from.TryGetPropertyValue(name, out var value) ? Select(value, asked) : throw new GraphQlError("undefinedField", $"Field '{asked.Name}' doesn't exist on the type of '{field.Name}'");
                }

                return selected;
            default:
                return whole.DeepClone();
        }
    }

    private static string Text(JsonObject arguments, string name) => arguments[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw new GraphQlError("missingRequiredArguments", $"Argument '{name}' is missing.");

    private static GraphQlError NotFound(string message) => new("NOT_FOUND", message);
}

/// <summary>An error of a query, which is answered with status 200.</summary>
internal sealed class GraphQlError(string type, string message) : Exception(message)
{
    public string Type => type;
}
