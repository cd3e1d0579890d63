using System.Text.Json.Serialization;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using CodexWeb.Repositories;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>Repositories, their branches and their files.</summary>
internal static class RepositoryEndpoints
{
    private const string Tag = "Repositories";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/repositories", ListAsync)
            .WithName("ListRepositories").WithTags(Tag).WithSummary("The connected repositories, by name")
            .Produces<Page<RepositoryRow>>().ProducesValidationProblem();
        api.MapPost("/repositories", ConnectAsync)
            .WithName("ConnectRepository").WithTags(Tag).WithSummary("Connect a repository")
            .WithDescription("Mirrors it and gives it a default environment. One that is connected already is given back with status 200.")
            .Produces<RepositoryRow>(StatusCodes.Status201Created).Produces<RepositoryRow>().ProducesValidationProblem();
        api.MapGet("/repositories/{id:guid}", FindAsync)
            .WithName("GetRepository").WithTags(Tag).WithSummary("One repository")
            .Produces<RepositoryRow>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapDelete("/repositories/{id:guid}", DisconnectAsync)
            .WithName("DisconnectRepository").WithTags(Tag).WithSummary("Disconnect a repository that no task uses")
            .WithDescription("Removes the server's copy. The repository itself is not touched.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapGet("/repositories/{id:guid}/branches", BranchesAsync)
            .WithName("ListBranches").WithTags(Tag).WithSummary("Its branches, newest first")
            .WithDescription("Asks the repository's origin first.")
            .Produces<Page<BranchAnswer>>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapGet("/repositories/{id:guid}/files", FilesAsync)
            .WithName("ListFiles").WithTags(Tag).WithSummary("The paths of all files at a commit")
            .Produces<Page<string>>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapGet("/repositories/{id:guid}/file", FileAsync)
            .WithName("GetFile").WithTags(Tag).WithSummary("A file as it stands at a commit")
            .WithDescription("Text is sent as text/plain, all else as application/octet-stream; at most 4 MiB.")
            .Produces<string>(StatusCodes.Status200OK, "text/plain", "application/octet-stream")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge);
    }

    private static async Task<IResult> ListAsync(RepositoryCatalog repositories, int? limit, string? cursor, CancellationToken cancellationToken) =>
        Paging.Check(limit) ?? Results.Ok(Paging.Cut(await repositories.ListAsync(cancellationToken), limit, cursor, static row => row.Id.ToString(), static row => row));

    private static async Task<IResult> ConnectAsync(NewRepository body, RepositoryCatalog repositories, TimeProvider time, CancellationToken cancellationToken)
    {
        var known = (await repositories.ListAsync(cancellationToken)).Select(row => row.Id).ToHashSet();
        var result = await repositories.ConnectAsync(body.Url ?? "", body.Name, cancellationToken);
        return result.Answer(row => known.Contains(row.Id) ? Results.Ok(row) : Results.Created($"/api/v1/repositories/{row.Id}", row));
    }

    private static async Task<IResult> FindAsync(RepositoryId id, RepositoryCatalog repositories, CancellationToken cancellationToken) =>
        await repositories.FindAsync(id, cancellationToken) is { } row ? Results.Ok(row) : Missing();

    private static async Task<IResult> DisconnectAsync(RepositoryId id, RepositoryCatalog repositories, CancellationToken cancellationToken) =>
        (await repositories.DisconnectAsync(id, cancellationToken)).Answer(static _ => Results.NoContent());

    private static async Task<IResult> BranchesAsync(RepositoryId id, string? query, int? limit, string? cursor, RepositoryCatalog repositories, CancellationToken cancellationToken)
    {
        if (Paging.Check(limit) is { } wrong)
        {
            return wrong;
        }

        var result = await repositories.BranchesAsync(id, query, int.MaxValue, cancellationToken);
        return result.Answer(all => Results.Ok(Paging.Cut(all, limit, cursor, static branch => branch.Name, static branch => new BranchAnswer(branch.Name, branch.Commit, branch.CommittedAt.UtcDateTime, branch.Subject))));
    }

    private static async Task<IResult> FilesAsync(RepositoryId id, string commit, string? query, int? limit, string? cursor, RepositoryCatalog repositories, CancellationToken cancellationToken)
    {
        if (Paging.Check(limit) is { } wrong)
        {
            return wrong;
        }

        var result = await repositories.FilesAsync(id, commit, cancellationToken);
        return result.Answer(all =>
        {
            var found = string.IsNullOrEmpty(query) ? all : [.. all.Where(path => path.Contains(query, StringComparison.OrdinalIgnoreCase))];
            return Results.Ok(Paging.Cut(found, limit, cursor, static path => path, static path => path));
        });
    }

    private static async Task<IResult> FileAsync(RepositoryId id, string commit, string path, RepositoryCatalog repositories, CancellationToken cancellationToken) =>
        (await repositories.ReadFileAsync(id, commit, path, cancellationToken)).Answer(file => file.Kind switch
        {
            FileAtCommitKind.Regular or FileAtCommitKind.Link when !file.IsBinary => Results.Bytes(file.Content, "text/plain; charset=utf-8"),
            FileAtCommitKind.Regular or FileAtCommitKind.Link => Results.Bytes(file.Content, "application/octet-stream", Path.GetFileName(path)),
            FileAtCommitKind.TooLarge => Results.Problem($"The file has {file.Size} bytes, more than is shown. Clone the repository to read it.", title: "Too large", statusCode: StatusCodes.Status413PayloadTooLarge),
            FileAtCommitKind.Directory => Problems.NotFound("There is a folder at this path, not a file."),
            FileAtCommitKind.Submodule => Problems.NotFound("Another repository is bound in at this path; its files are not here."),
            _ => Problems.NotFound("There is no such file at this commit."),
        });

    private static IResult Missing() => Problems.NotFound("There is no such repository.");
}

/// <summary>A repository to connect.</summary>
/// <param name="Url">A Git URL (https://…) or the full path of a folder on the server.</param>
/// <param name="Name">What people call it; null for one made from the URL.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record NewRepository(string? Url, string? Name);

/// <summary>A branch.</summary>
/// <param name="Commit">Its last commit.</param>
/// <param name="CommittedAt">When that was made.</param>
/// <param name="Subject">First line of that commit's message.</param>
internal sealed record BranchAnswer(string Name, string Commit, DateTime CommittedAt, string Subject);
