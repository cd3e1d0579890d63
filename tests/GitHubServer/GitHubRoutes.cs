using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CodexWeb.EmulatedGitHub;

/// <summary>The addresses of the server, and what every request to them goes through: the record, faults, limits, credentials, errors, conditional answers.</summary>
internal static class GitHubRoutes
{
    /// <summary>Where the REST API of an Enterprise Server begins.</summary>
    public const string Prefix = "/api/v3";

    public static void Map(WebApplication app, GitHubServer server)
    {
        app.Use((context, next) => RecordAsync(server, context, next));
        app.Use((context, next) => FollowRenameAsync(server, context, next));
        app.UseRouting();
        var api = new ApiRoutes(app.MapGroup(Prefix), server);
        UserEndpoints.Map(api);
        RepositoryEndpoints.Map(api);
        CommitEndpoints.Map(api);
        PullEndpoints.Map(api);
        ReviewEndpoints.Map(api);
        IssueEndpoints.Map(api);
        ReactionEndpoints.Map(api);
        CheckEndpoints.Map(api);
        AppEndpoints.Map(api);
        GraphQlEndpoint.Map(app, server);
        api.Missing();
        OAuthPages.Map(app, server);
        AppPages.Map(app, server);
        GitTransport.Map(app, server);
    }

    public static async Task WriteAsync(HttpContext context, JsonNode body, int status)
    {
        var bytes = Encoding.UTF8.GetBytes(Wire.Text(body));
        context.Items["answer"] = body;
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes);
    }

    private static async Task RecordAsync(GitHubServer server, HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        var body = "";
        if (!GitTransport.IsGit(request))
        {
            request.EnableBuffering();
            using var reader = new StreamReader(request.Body, leaveOpen: true);
            body = await reader.ReadToEndAsync();
            request.Body.Position = 0;
        }

        var headers = request.Headers.Where(static header => !header.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase)).ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var record = new RecordedRequest(request.Method, request.Path.Value!, request.QueryString.Value ?? "", headers, body);
        server.Requests.NoteSecret(request);
        server.Requests.Add(record);
        try
        {
            await next(context);
        }
        finally
        {
            record.Status = context.Response.StatusCode;
            record.Answer = context.Items["answer"] is JsonNode answer ? Wire.Text(answer) : null;
        }
    }

    /// <summary>What was renamed answers with a redirect to an address by number, which is then the repository's own.</summary>
    private static async Task FollowRenameAsync(GitHubServer server, HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path.Value!;
        if (path.StartsWith($"{Prefix}/repositories/", StringComparison.Ordinal) && path.Split('/') is [_, _, _, _, var number, .. var rest])
        {
            if (long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && server.Find(id) is { } byNumber)
            {
                context.Request.Path = string.Join('/', [$"{Prefix}/repos/{byNumber.FullName}", .. rest]);
            }
        }
        else if (path.StartsWith($"{Prefix}/repos/", StringComparison.Ordinal) && path.Split('/') is [_, _, _, _, var owner, var name, .. var further]
            && server.Find($"{owner}/{name}") is { } repository && !repository.IsCalled($"{owner}/{name}"))
        {
            var address = string.Join('/', [$"{server.Api}/repositories/{repository.Id.ToString(CultureInfo.InvariantCulture)}", .. further]) + context.Request.QueryString;
            context.Response.Headers.Location = address;
            var permanent = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
            await WriteAsync(context, new JsonObject { ["message"] = permanent ? "Moved Permanently" : "Temporary Redirect", ["url"] = address, ["documentation_url"] = "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects" }, permanent ? 301 : 307);
            return;
        }

        await next(context);
    }
}

/// <summary>Endpoints of the REST API by method and path.</summary>
internal sealed class ApiRoutes(IEndpointRouteBuilder routes, GitHubServer server)
{
    public void Get(string path, Func<ApiCall, ApiAnswer> answer) => Add("GET", path, call => Task.FromResult(answer(call)));

    public void Get(string path, Func<ApiCall, Task<ApiAnswer>> answer) => Add("GET", path, answer);

    public void Post(string path, Func<ApiCall, ApiAnswer> answer) => Add("POST", path, call => Task.FromResult(answer(call)));

    public void Post(string path, Func<ApiCall, Task<ApiAnswer>> answer) => Add("POST", path, answer);

    public void Put(string path, Func<ApiCall, Task<ApiAnswer>> answer) => Add("PUT", path, answer);

    public void Patch(string path, Func<ApiCall, Task<ApiAnswer>> answer) => Add("PATCH", path, answer);

    public void Patch(string path, Func<ApiCall, ApiAnswer> answer) => Add("PATCH", path, call => Task.FromResult(answer(call)));

    public void Delete(string path, Func<ApiCall, ApiAnswer> answer) => Add("DELETE", path, call => Task.FromResult(answer(call)));

    public void Delete(string path, Func<ApiCall, Task<ApiAnswer>> answer) => Add("DELETE", path, answer);

    /// <summary>Answers what no endpoint is for.</summary>
    public void Missing() => routes.Map("/{**path}", (HttpContext context) => AnswerAsync(context, static _ => throw Refusal.NotFound()));

    private void Add(string method, string path, Func<ApiCall, Task<ApiAnswer>> answer) => routes.MapMethods(path, [method], (HttpContext context) => AnswerAsync(context, answer));

    private async Task AnswerAsync(HttpContext context, Func<ApiCall, Task<ApiAnswer>> answer)
    {
        var who = context.Request.Headers.Authorization.ToString();
        WriteCommonHeaders(context, who);
        if (await server.Faults.StrikeAsync(context))
        {
            return;
        }

        try
        {
            var caller = server.Credentials.Of(context.Request);
            if (caller is Caller.Person { Scopes: { } scopes })
            {
                context.Response.Headers["X-OAuth-Scopes"] = string.Join(", ", scopes);
            }

            var given = await answer(new ApiCall(server, context, caller, await ReadAsync(context.Request)));
            var (status, body) = given;
            if (body is null)
            {
                context.Response.StatusCode = status;
                if (given.Raw is { } raw)
                {
                    context.Response.ContentType = "application/vnd.github.raw+json; charset=utf-8";
                    await context.Response.Body.WriteAsync(raw);
                }

                return;
            }

            if (status == 200 && HttpMethods.IsGet(context.Request.Method) && IsKnown(context, body))
            {
                // A conditional answer without content does not count.
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }

            server.Faults.Use(who);
            await GitHubRoutes.WriteAsync(context, body, status);
        }
        catch (Refusal refusal)
        {
            server.Faults.Use(who);
            await GitHubRoutes.WriteAsync(context, refusal.ToJson(), refusal.Status);
        }
    }

    private void WriteCommonHeaders(HttpContext context, string who)
    {
        var headers = context.Response.Headers;
        var (limit, used) = (server.Faults.HourlyLimit, server.Faults.Used(who));
        headers["X-GitHub-Media-Type"] = "github.v3; format=json";
        headers["X-GitHub-Request-Id"] = Guid.NewGuid().ToString("N");
        headers["x-github-api-version-selected"] = "2022-11-28";
        headers["x-ratelimit-limit"] = limit.ToString(CultureInfo.InvariantCulture);
        headers["x-ratelimit-used"] = used.ToString(CultureInfo.InvariantCulture);
        headers["x-ratelimit-remaining"] = Math.Max(0, limit - used).ToString(CultureInfo.InvariantCulture);
        headers["x-ratelimit-reset"] = (server.Now() + TimeSpan.FromHours(1)).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        headers["x-ratelimit-resource"] = "core";
        headers.CacheControl = "private, max-age=60, s-maxage=60";
        headers.Vary = "Accept, Authorization, Cookie, X-GitHub-OTP";
    }

    /// <summary>Whether the caller has this very answer already.</summary>
    private static bool IsKnown(HttpContext context, JsonNode body)
    {
        var tag = $"W/\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Wire.Text(body) + context.Response.Headers.Link)))}\"";
        context.Response.Headers.ETag = tag;
        return context.Request.Headers.IfNoneMatch.ToString().Split(", ").Contains(tag, StringComparer.Ordinal);
    }

    private static async Task<JsonNode?> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength is null or 0 && !request.Headers.TransferEncoding.ToString().Contains("chunked", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        try
        {
            return await JsonNode.ParseAsync(request.Body);
        }
        catch (JsonException)
        {
            throw new Refusal(400, "Problems parsing JSON");
        }
    }
}
