using System.Text.Json.Serialization;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>The connections to GitHub and what they reach.</summary>
internal static class GitHubEndpoints
{
    private const string Tag = "GitHub";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/github", OverviewAsync)
            .WithName("GetGitHub").WithTags(Tag).WithSummary("How the server stands with GitHub: connections, App, what is possible")
            .Produces<GitHubAnswer>();
        api.MapPost("/github/accounts", ConnectAsync)
            .WithName("ConnectGitHub").WithTags(Tag).WithSummary("Connect GitHub by a token")
            .WithDescription("The token is tried at GitHub first, and kept encrypted. A token of a user who is connected already takes the place of the former one.")
            .Produces<GitHubConnection>(StatusCodes.Status201Created).ProducesValidationProblem().ProducesProblem(StatusCodes.Status409Conflict);
        api.MapDelete("/github/accounts/{id:guid}", DisconnectAsync)
            .WithName("DisconnectGitHub").WithTags(Tag).WithSummary("Remove a connection with its secrets")
            .WithDescription("Repositories stay; private ones cannot be reached by it any more.")
            .Produces<RemovedConnection>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapDelete("/github/app", RemoveAppAsync)
            .WithName("RemoveGitHubApp").WithTags(Tag).WithSummary("Forget the GitHub App that was made here, with its keys")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/github/repositories", RepositoriesAsync)
            .WithName("ListGitHubRepositories").WithTags(Tag).WithSummary("The repositories of GitHub that the connections reach, by owner")
            .WithDescription("Connect one with POST /repositories and its cloneUrl.")
            .Produces<Page<ReachableRepository>>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> OverviewAsync(GitHubOverviews overviews, CancellationToken cancellationToken) =>
        Results.Ok(GitHubAnswer.Of(await overviews.ForAsync(LocalPerson.Name, cancellationToken)));

    private static async Task<IResult> ConnectAsync(NewGitHubConnection body, GitHubConnections connections, GitHubOverviews overviews, CancellationToken cancellationToken)
    {
        var result = await connections.ConnectByTokenAsync(LocalPerson.Name, body.Token, cancellationToken);
        return await result.AnswerAsync(async id =>
            Results.Created($"/api/v1/github/accounts/{id}", (await overviews.ForAsync(LocalPerson.Name, cancellationToken)).Connections.FirstOrDefault(connection => connection.Id == id)));
    }

    private static async Task<IResult> DisconnectAsync(GitHubAccountId id, GitHubConnections connections, CancellationToken cancellationToken) =>
        (await connections.DisconnectAsync(LocalPerson.Name, id, cancellationToken)).Answer(Results.Ok);

    private static async Task<IResult> RemoveAppAsync(GitHubAppSetup setup, CancellationToken cancellationToken) =>
        (await setup.RemoveAsync(cancellationToken)).Answer(static _ => Results.NoContent());

    private static async Task<IResult> RepositoriesAsync(string? query, string? organisation, int? limit, string? cursor, GitHubReachable reachable, CancellationToken cancellationToken)
    {
        if (Paging.Check(limit) is { } wrong)
        {
            return wrong;
        }

        var found = await reachable.ListAsync(LocalPerson.Name, query, organisation, cancellationToken);
        // Some that could be asked are an answer; none that could is not an empty list.
        return found is { Items.Count: 0, Organisations.Count: 0, Problems: [var problem, ..] }
            ? Problems.Refused(problem)
            : Results.Ok(Paging.Cut(found.Items, limit, cursor, static repository => repository.Name, static repository => repository));
    }
}

/// <summary>A connection to make.</summary>
/// <param name="Token">A personal access token of GitHub's.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record NewGitHubConnection(string? Token)
{
    /// <summary>Never the token.</summary>
    public override string ToString() => nameof(NewGitHubConnection);
}

/// <summary>How the server stands with GitHub.</summary>
/// <param name="Url">The GitHub of this server.</param>
/// <param name="Connected">True when repositories can be reached by more than their address.</param>
/// <param name="CanConsent">True when people can connect by consenting in the browser, at /github/connect.</param>
/// <param name="TokenFromSettings">True when the settings have a token.</param>
/// <param name="TokenUrl">Where a person makes a token with what is needed.</param>
/// <param name="Problem">Why the App cannot be used, with what to do; null when it can, or there is none.</param>
internal sealed record GitHubAnswer(string Url, bool Connected, IReadOnlyList<GitHubConnection> Accounts, GitHubAppOverview? App, bool CanConsent, bool TokenFromSettings, string TokenUrl, string? Problem)
{
    public static GitHubAnswer Of(GitHubOverview overview) => new(
        overview.Web.AbsoluteUri, overview.IsConnected, overview.Connections, overview.App, overview.CanConsent, overview.HasSettingsToken, overview.TokenPage.AbsoluteUri, overview.Problem);
}
