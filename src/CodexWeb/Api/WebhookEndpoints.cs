using CodexWeb.GitHosts.Webhooks;

namespace CodexWeb.Api;

/// <summary>What GitHub sent lately, and what came of it.</summary>
internal static class WebhookEndpoints
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/github/webhooks", ListAsync)
        .WithName("ListWebhooks").WithTags("GitHub").WithSummary("The webhooks of the last 30 days, newest first")
        .Produces<WebhookListAnswer>().ProducesValidationProblem();

    private static async Task<IResult> ListAsync(WebhookQueries queries, int? limit, string? cursor, CancellationToken cancellationToken)
    {
        if (Paging.Check(limit) is { } problem)
        {
            return problem;
        }

        if (cursor is { Length: > 0 } && !WebhookQueries.IsCursor(cursor))
        {
            return Problems.Invalid("cursor", "cursor must be the nextCursor of the page before.");
        }

        var page = await queries.ListAsync(limit ?? Paging.Usual, cursor, cancellationToken);
        return Results.Ok(new WebhookListAnswer([.. page.Items.Select(WebhookAnswer.Of)], page.NextCursor));
    }
}

/// <summary>A page of the list.</summary>
/// <param name="NextCursor">For the older ones; null at the end.</param>
internal sealed record WebhookListAnswer(IReadOnlyList<WebhookAnswer> Items, string? NextCursor);

/// <summary>A delivery.</summary>
/// <param name="Id">GitHub's id of it.</param>
/// <param name="Repository"><c>owner/name</c>; null when it is about none.</param>
/// <param name="Outcome">What came of it, or why it waits; null while nothing did.</param>
/// <param name="RetryAt">When it is tried again; null unless it waits for that.</param>
internal sealed record WebhookAnswer(string Id, string Event, string? Action, string? Repository, DateTime ReceivedAt, WebhookStatus Status, string? Outcome, int Tries, DateTime? RetryAt)
{
    public static WebhookAnswer Of(WebhookRow row) =>
        new(row.Id, row.Event, row.Action, row.Repository, row.ReceivedAt.UtcDateTime, row.Status, row.Outcome, row.Tries, row.DueAt?.UtcDateTime);
}
