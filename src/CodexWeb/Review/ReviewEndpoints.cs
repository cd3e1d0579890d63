using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using CodexWeb.Repositories;
using Microsoft.Net.Http.Headers;

namespace CodexWeb.Review;

/// <summary>What the review's long lists fetch while a person scrolls. For the product's own pages: scripts use the HTTP interface.</summary>
public static class ReviewEndpoints
{
    /// <summary>Maps the routes under <c>/review</c>.</summary>
    public static IEndpointRouteBuilder MapReview(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var review = routes.MapGroup("/review").ExcludeFromDescription();
        review.MapGet("/attempts/{id}/diff", DescribeAsync);
        review.MapGet("/attempts/{id}/rows", RowsAsync);
        review.MapGet("/attempts/{id}/context", ContextAsync);
        review.MapGet("/attempts/{id}/place", PlaceAsync);
        review.MapGet("/attempts/{id}/image", ImageAsync);
        review.MapGet("/attempts/{id}/output/{item}", OutputEndpoints.LinesAsync);
        review.MapGet("/attempts/{id}/output/{item}/search", OutputEndpoints.SearchAsync);
        review.MapGet("/repositories/{id}/text", TextAsync);
        return routes;
    }

    private static Task<IResult> DescribeAsync(AttemptId id, [AsParameters] DiffQuery query, ReviewedDiffs diffs, HttpContext http, CancellationToken cancellationToken) =>
        WithDiffAsync(id, query, diffs, http, diff => Json(DiffReading.Describe(diff.Diff, ReviewedDiff.AtOf(query.ParsedScope, diff.Range), diff.Range.To, query.Layout), ReviewJson.Default.DiffAnswer), cancellationToken);

    private static Task<IResult> RowsAsync(AttemptId id, int file, int from, int count, [AsParameters] DiffQuery query, ReviewedDiffs diffs, HttpContext http, CancellationToken cancellationToken) =>
        WithFileAsync(id, file, query, diffs, http, (_, changed) => Json(DiffReading.Rows(changed, query.Layout, from, count), ReviewJson.Default.RowsAnswer), cancellationToken);

    private static Task<IResult> PlaceAsync(AttemptId id, int file, int line, string side, [AsParameters] DiffQuery query, ReviewedDiffs diffs, HttpContext http, CancellationToken cancellationToken) =>
        WithFileAsync(id, file, query, diffs, http, (_, changed) => Json(DiffReading.Place(changed, query.Layout, line, side is "old"), ReviewJson.Default.PlaceAnswer), cancellationToken);

    private static Task<IResult> ContextAsync(AttemptId id, int file, int from, int count, [AsParameters] DiffQuery query, ReviewedDiffs diffs, RepositoryCatalog repositories, HttpContext http, CancellationToken cancellationToken) =>
        WithFileAsync(id, file, query, diffs, http, async (diff, changed) =>
        {
            switch (await repositories.ReadFileAsync(diff.Range.Repository, diff.Range.To, changed.NewPath, cancellationToken))
            {
                case CommandResult<FileAtCommit>.Done { Value: { Kind: FileAtCommitKind.Regular, IsBinary: false } text }:
                    return Json(DiffReading.Context(changed, text.Content, query.Layout.Wrap, from, count), ReviewJson.Default.ContextAnswer);
                case CommandResult<FileAtCommit>.Done { Value.Kind: FileAtCommitKind.TooLarge }:
                    return Problem(StatusCodes.Status409Conflict, $"{changed.NewPath} is too large to show more of it here.");
                case CommandResult<FileAtCommit>.Refused refused:
                    return Problem(StatusCodes.Status409Conflict, refused.Reason);
                default:
                    return Problem(StatusCodes.Status404NotFound, $"There is no text at {changed.NewPath} after this change.");
            }
        }, cancellationToken);

    private static Task<IResult> ImageAsync(AttemptId id, int file, string side, [AsParameters] DiffQuery query, ReviewedDiffs diffs, RepositoryCatalog repositories, HttpContext http, CancellationToken cancellationToken) =>
        WithFileAsync(id, file, query, diffs, http, async (diff, changed) =>
        {
            var (commit, path) = side is "old" ? (diff.Range.From, changed.OldPath) : (diff.Range.To, changed.NewPath);
            if (await repositories.ReadFileAsync(diff.Range.Repository, commit, path, cancellationToken) is not CommandResult<FileAtCommit>.Done { Value: { Kind: FileAtCommitKind.Regular } image }
                || ImageHeader.TypeOf(image.Content.Span) is not { } type)
            {
                return Problem(StatusCodes.Status404NotFound, $"{path} is no picture that can be shown: PNG, JPEG, GIF or WebP of at most 4 MB.");
            }

            // Bytes from a repository: nothing in them may run or be taken for another type.
            http.Response.Headers[HeaderNames.XContentTypeOptions] = "nosniff";
            http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
            http.Response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
            return Results.Bytes(image.Content, type);
        }, cancellationToken);

    private static async Task<IResult> TextAsync(RepositoryId id, string commit, string path, RepositoryCatalog repositories, HttpContext http, CancellationToken cancellationToken)
    {
        switch (await repositories.ReadFileAsync(id, commit, path, cancellationToken))
        {
            case CommandResult<FileAtCommit>.Done { Value: var file }:
                // A commit's files never change.
                Keep(http);
                var problem = FileProblem.Of(file, path);
                return Json(new TextAnswer(problem is null ? DiffReading.Lines(file.Content) : [], file.Size, problem), ReviewJson.Default.TextAnswer);
            case CommandResult<FileAtCommit>.NotFound missing:
                return Problem(StatusCodes.Status404NotFound, missing.What);
            case CommandResult<FileAtCommit>.Refused refused:
                return Problem(StatusCodes.Status409Conflict, refused.Reason);
            default:
                return Problem(StatusCodes.Status400BadRequest, "Give a commit and a path.");
        }
    }

    private static Task<IResult> WithFileAsync(AttemptId id, int file, DiffQuery query, ReviewedDiffs diffs, HttpContext http, Func<ReviewedDiff, DiffFile, IResult> answer, CancellationToken cancellationToken) =>
        WithFileAsync(id, file, query, diffs, http, (diff, changed) => Task.FromResult(answer(diff, changed)), cancellationToken);

    private static async Task<IResult> WithFileAsync(AttemptId id, int file, DiffQuery query, ReviewedDiffs diffs, HttpContext http, Func<ReviewedDiff, DiffFile, Task<IResult>> answer, CancellationToken cancellationToken)
    {
        ReviewedDiff? found = null;
        var result = await WithDiffAsync(id, query, diffs, http, diff =>
        {
            found = diff;
            return Results.Empty;
        }, cancellationToken);
        return found is null ? result
            : file >= 0 && file < found.Diff.Files.Count ? await answer(found, found.Diff.Files[file])
            : Problem(StatusCodes.Status404NotFound, "The change has no such file.");
    }

    private static async Task<IResult> WithDiffAsync(AttemptId id, DiffQuery query, ReviewedDiffs diffs, HttpContext http, Func<ReviewedDiff, IResult> answer, CancellationToken cancellationToken)
    {
        if (query.Error is { } error)
        {
            return Problem(StatusCodes.Status400BadRequest, error);
        }

        switch (await diffs.LoadAsync(id, query.ParsedScope, query.IgnoresWhiteSpace, query.At, cancellationToken))
        {
            case CommandResult<ReviewedDiff>.Done { Value: var diff }:
                if (query.At is { Length: > 0 })
                {
                    Keep(http);
                }

                return answer(diff);
            case CommandResult<ReviewedDiff>.NotFound missing:
                return Problem(StatusCodes.Status404NotFound, missing.What);
            case CommandResult<ReviewedDiff>.Refused refused:
                return Problem(StatusCodes.Status409Conflict, refused.Reason);
            default:
                return Problem(StatusCodes.Status400BadRequest, "The attempt has no such change.");
        }
    }

    // What is asked for by checkpoint or commit never changes, as long as this version of the server answers it.
    private static void Keep(HttpContext http) => http.Response.Headers.CacheControl = "private, max-age=3600, immutable";

    internal static IResult Json<T>(T value, JsonTypeInfo<T> type) => Results.Json(value, type);

    internal static IResult Problem(int status, string detail) => Results.Problem(detail, statusCode: status);
}

/// <summary>What all diff routes are asked with.</summary>
/// <param name="Scope">See <see cref="DiffScope"/>; null for all.</param>
/// <param name="View"><c>unified</c> or <c>split</c>; null for unified.</param>
/// <param name="Wrap">Columns; null or 0 for lines as long as they are.</param>
/// <param name="White"><c>ignore</c>, or null to show changes of white space.</param>
/// <param name="At">The state of the change, as its description named it; null for the newest.</param>
internal sealed record DiffQuery(string? Scope, string? View, int? Wrap, string? White, string? At)
{
    // Narrower rows would be many and of no use.
    private const int FewestColumns = 10;

    public DiffLayout Layout => new(View is "split", Wrap is > 0 ? Math.Max(FewestColumns, Wrap.Value) : 0);

    public bool IgnoresWhiteSpace => White is "ignore";

    public DiffScope ParsedScope => Scope is null ? default : DiffScope.Parse(Scope, CultureInfo.InvariantCulture);

    public string? Error =>
        Scope is not null && !DiffScope.TryParse(Scope, CultureInfo.InvariantCulture, out _) ? "The scope is 'all', 'turn:N' or 'against:' and the id of another attempt."
        : View is not (null or "unified" or "split") ? "The view is 'unified' or 'split'."
        : White is not (null or "ignore") ? "White space is left out with 'ignore'."
        : null;
}
