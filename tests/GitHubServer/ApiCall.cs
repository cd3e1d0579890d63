using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CodexWeb.EmulatedGitHub;

/// <summary>An answer of the API.</summary>
/// <param name="Body">Null: no content.</param>
internal sealed record ApiAnswer(int Status, JsonNode? Body)
{
    /// <summary>A file as it is, in place of JSON. Null: there is none.</summary>
    public byte[]? Raw { get; init; }

    public static readonly ApiAnswer NoContent = new(204, Body: null);

    public static implicit operator ApiAnswer(JsonNode body) => new(200, body);

    public static ApiAnswer Created(JsonNode body) => new(201, body);
}

/// <summary>A request to the API, with what its endpoints ask of it.</summary>
internal sealed class ApiCall(GitHubServer server, HttpContext context, Caller caller, JsonNode? body)
{
    private static readonly string[] Reading = ["GET", "HEAD"];

    public GitHubServer Server => server;

    public Caller Caller => caller;

    /// <summary>The media type the caller wants, such as <c>application/vnd.github.raw+json</c>.</summary>
    public string Accept => context.Request.Headers.Accept.ToString();

    /// <summary>Name and password of a Basic header; null when there is none.</summary>
    public (string Name, string Password)? Basic =>
        AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header) && header is { Scheme: "Basic", Parameter: { } parameter } ? RequestRecord.Basic(parameter) : null;

    /// <summary>The body as an object; an empty one when there is none.</summary>
    public JsonObject Body => body as JsonObject ?? (body is null ? [] : throw new Refusal(400, "Body should be a JSON object"));

    /// <summary>The person who calls.</summary>
    public Caller.Person Person => caller as Caller.Person ?? throw (caller is Caller.Anonymous ? Refusal.AuthenticationRequired() : Refusal.Forbidden("Resource not accessible by integration"));

    /// <summary>A part of the address. A slash in it comes as %2F, which the web server leaves as it is.</summary>
    public string Route(string name) => (context.GetRouteValue(name) as string ?? throw Refusal.NotFound()).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    public long Number(string name) => long.TryParse(Route(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Refusal.NotFound();

    public string? Query(string name) => context.Request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;

    public DateTimeOffset? Since => Query("since") is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since) ? since
        : throw Refusal.Invalid("Search", "since");

    /// <summary>The repository of the address, when the caller may see it and do this much.</summary>
    /// <param name="writes">What an App needs the permission to write for this, in its own words. Null: nothing.</param>
    public HostedRepository Repository(RepositoryRole atLeast = RepositoryRole.Read, string? writes = null)
    {
        var repository = server.Find($"{Route("owner")}/{Route("name")}") ?? throw Refusal.NotFound();
        Require(repository, atLeast);
        if (writes is not null && caller is Caller.Installed installed && !installed.Installation.MayWrite(writes))
        {
            throw Refusal.Forbidden("Resource not accessible by integration");
        }

        return repository;
    }

    public void Require(HostedRepository repository, RepositoryRole atLeast)
    {
        var role = RoleIn(repository);
        if (role == RepositoryRole.None)
        {
            throw Refusal.NotFound();
        }

        if (caller is Caller.Anonymous && !Reading.Contains(context.Request.Method))
        {
            throw Refusal.AuthenticationRequired();
        }

        if (repository.Archived && !Reading.Contains(context.Request.Method))
        {
            throw Refusal.Forbidden("Repository was archived so is read-only.");
        }

        if (role < atLeast)
        {
            throw Refusal.Forbidden(caller is Caller.Installed ? "Resource not accessible by integration" : atLeast == RepositoryRole.Admin ? "Must have admin rights to Repository." : "Must have push access to repository");
        }
    }

    public RepositoryRole RoleIn(HostedRepository repository) => Access.RoleOf(caller, repository);

    /// <summary>A text that must be there.</summary>
    public string Required(string field) => Text(field) ?? throw Refusal.NotSupplied(field);

    /// <summary>A text that may be there. An empty one is one.</summary>
    public string? Text(string field) => Body[field] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        var other => throw new Refusal(422, $"Invalid request.\n\nFor 'properties/{field}', {other.ToJsonString()} is not a string."),
    };

    public bool Flag(string field) => Body[field] is JsonValue value && (value.TryGetValue<bool>(out var flag) ? flag : throw new Refusal(422, $"Invalid request.\n\nFor 'properties/{field}', {value.ToJsonString()} is not a boolean."));

    public long? Whole(string field) => Body[field] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<long>(out var number) => number,
        var other => throw new Refusal(422, $"Invalid request.\n\nFor 'properties/{field}', {other.ToJsonString()} is not an integer."),
    };

    public IReadOnlyList<string> Texts(string field) => Body[field] switch
    {
        null => [],
        JsonArray array => [.. array.Select(static item => item is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw new Refusal(422, "Invalid request.\n\nThe items of the array must be strings."))],
        var other => throw new Refusal(422, $"Invalid request.\n\nFor 'properties/{field}', {other.ToJsonString()} is not an array."),
    };

    /// <summary>The page of a list that the caller asked for; the links to the others go into the Link header.</summary>
    public JsonArray Page<T>(IEnumerable<T> items, Func<T, JsonNode> toJson)
    {
        var all = items.ToList();
        var size = Math.Clamp(QueryNumber("per_page") ?? 30, 1, 100);
        var page = Math.Max(QueryNumber("page") ?? 1, 1);
        var last = Math.Max(1, (all.Count + size - 1) / size);
        var links = new List<string>();
        void Link(int number, string relation)
        {
            var query = context.Request.Query.Where(static pair => pair.Key is not ("page" or "per_page")).Select(static pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value.ToString())}")
                .Append(string.Create(CultureInfo.InvariantCulture, $"per_page={size}")).Append(string.Create(CultureInfo.InvariantCulture, $"page={number}"));
            links.Add($"<{new Uri(server.Web, context.Request.PathBase + context.Request.Path)}?{string.Join('&', query)}>; rel=\"{relation}\"");
        }

        if (page > 1)
        {
            Link(Math.Min(page - 1, last), "prev");
        }

        if (page < last)
        {
            Link(page + 1, "next");
            Link(last, "last");
        }

        if (page > 1)
        {
            Link(1, "first");
        }

        if (links.Count > 0)
        {
            context.Response.Headers.Link = string.Join(", ", links);
        }

        return Wire.Array(all.Skip((page - 1) * size).Take(size).Select(item => (JsonNode?)toJson(item)));
    }

    private int? QueryNumber(string name) => int.TryParse(Query(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
