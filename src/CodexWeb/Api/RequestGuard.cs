using CodexWeb.CommandLine;
using CodexWeb.GitHosts.Webhooks;
using Microsoft.Extensions.Options;

namespace CodexWeb.Api;

/// <summary>
/// Keeps foreign web pages away from a server that has no sign-in: the browser of the person who runs it can reach it, so any page in that browser could.
/// The name the server was called by must be a local one (a foreign name that points here is DNS rebinding), and a page that calls must be the server's own.
/// Signed webhooks alone may come by any name.
/// </summary>
internal sealed class RequestGuard(RequestDelegate next, IOptions<ServerOptions> options)
{
    // Where GitHub sends the browser back to is not among them: that is a navigation from another site, and brings the cookie of what it ends.
    private static readonly PathString[] NoForeignPages = ["/api", "/hubs", "/review", "/uploads", "/prompt", "/_blazor", "/github/connect", "/github/app/new"];

    private readonly HashSet<string> _allowedHosts = new(options.Value.AllowedHosts, StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext http)
    {
        var host = http.Request.Host.Host;
        if (!ListenAddresses.IsLoopbackHost(host) && !_allowedHosts.Contains(host) && !IsForAnybody(http.Request))
        {
            return Results.Problem(
                $"The server was called by the name '{host}', which is not its own. Open it by http://127.0.0.1 or http://localhost, or add the name to Server:AllowedHosts.",
                title: "Unknown host name",
                statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(http);
        }

        if (IsForeign(http.Request))
        {
            return Results.Problem(
                "The request came from a page of another site. Only the server's own pages, and programs that are no browser, may call it.",
                title: "Foreign page",
                statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(http);
        }

        http.Response.Headers.XContentTypeOptions = "nosniff";
        return next(http);
    }

    // Webhooks come by the name the outside knows, through a proxy or a tunnel. Their signature is their proof; a page in a browser has none.
    private static bool IsForAnybody(HttpRequest request) => HttpMethods.IsPost(request.Method) && request.Path.Equals(WebhookServices.Path, StringComparison.Ordinal);

    // Browsers send these headers and no page can forge them; other programs send neither.
    private static bool IsForeign(HttpRequest request)
    {
        if (request.Headers.Origin.ToString() is { Length: > 0 } origin && !IsOwn(origin, request.Host))
        {
            return true;
        }

        var harmless = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
        return (!harmless || Array.Exists(NoForeignPages, path => request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase)))
            && request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none");
    }

    // The scheme is left out: in front of the server there may be one that speaks TLS.
    private static bool IsOwn(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && string.Equals(uri.Host, host.Host, StringComparison.OrdinalIgnoreCase)
        && (host.Port is { } port ? uri.Port == port : uri.IsDefaultPort);
}
