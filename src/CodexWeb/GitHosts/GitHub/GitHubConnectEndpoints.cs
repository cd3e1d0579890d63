using CodexWeb.CommandLine;
using CodexWeb.Data;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>The addresses between the settings page and GitHub's own pages. All of them are gone through by the browser and end at the settings page.</summary>
public static class GitHubConnectEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapGitHubConnect(this IEndpointRouteBuilder app)
    {
        var pages = app.MapGroup("/github").ExcludeFromDescription();
        pages.MapGet("/connect", ConnectAsync);
        pages.MapGet("/callback", ConnectedAsync);
        pages.MapGet("/app/new", NewApp);
        pages.MapGet("/app/callback", AppMadeAsync);
    }

    /// <summary>The server's address as the browser reaches it, with a slash at its end. A proxy that speaks TLS for the server is known by the public address alone.</summary>
    internal static Uri AddressOf(HttpRequest request, ServerOptions options) =>
        Public(options) is { } known && string.Equals(known.Host, request.Host.Host, StringComparison.OrdinalIgnoreCase)
            ? known
            : new Uri($"{request.Scheme}://{request.Host}/");

    private static Uri? Public(ServerOptions options) =>
        options.PublicUrl is { } set ? new Uri(set.AbsoluteUri.EndsWith('/') ? set.AbsoluteUri : $"{set.AbsoluteUri}/") : null;

    private static async Task<IResult> ConnectAsync(HttpContext http, GitHubSignIn signIn, GitHubNotices notices, IOptions<ServerOptions> options, CancellationToken cancellationToken) =>
        await signIn.BeginAsync(http, new Uri(AddressOf(http.Request, options.Value), "github/callback"), cancellationToken) switch
        {
            CommandResult<Uri>.Done(var page) => Results.Redirect(page.AbsoluteUri),
            var refused => ToSettings(notices, new GitHubNotice(refused.Problem()!, IsProblem: true)),
        };

    private static async Task<IResult> ConnectedAsync(HttpContext http, GitHubSignIn signIn, GitHubNotices notices, GitHubAccountStore accounts, CancellationToken cancellationToken)
    {
        var result = await signIn.EndAsync(http, LocalPerson.Name, cancellationToken);
        return ToSettings(notices, result is CommandResult<GitHubAccountId>.Done(var id)
            ? new GitHubNotice($"GitHub is connected as {(await accounts.FindAsync(id, cancellationToken))?.Login}.", IsProblem: false)
            : new GitHubNotice(result.Problem()!, IsProblem: true));
    }

    private static IResult NewApp(HttpContext http, string? organization, GitHubAppSetup setup, GitHubAddresses addresses, GitHubNotices notices, IOptions<ServerOptions> options)
    {
        var server = AddressOf(http.Request, options.Value);
        var result = setup.Begin(http, server, Public(options.Value) ?? server, organization);
        if (result is not CommandResult<GitHubAppForm>.Done(var form))
        {
            return ToSettings(notices, new GitHubNotice(result.Problem()!, IsProblem: true));
        }

        SecurityHeaders.AllowFormsTo(http.Response, addresses.Web);
        http.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<GitHubAppPage>(new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(GitHubAppPage.Form)] = form });
    }

    private static async Task<IResult> AppMadeAsync(HttpContext http, GitHubAppSetup setup, GitHubNotices notices, CancellationToken cancellationToken)
    {
        var result = await setup.EndAsync(http, cancellationToken);
        return ToSettings(notices, result is CommandResult<string>.Done(var slug)
            ? new GitHubNotice($"The GitHub App {slug} is this server's now. Install it on the accounts whose repositories it shall reach.", IsProblem: false)
            : new GitHubNotice(result.Problem()!, IsProblem: true));
    }

    private static IResult ToSettings(GitHubNotices notices, GitHubNotice notice) => Results.Redirect($"/settings?github={notices.Keep(notice)}#github");
}
