using System.Globalization;
using CodexWeb.CommandLine;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CodexWeb.GitHosts.Webhooks;

/// <summary>A delivery as it is listed.</summary>
/// <param name="Repository"><c>owner/name</c> when it was sent; null when it is about none.</param>
/// <param name="Outcome">What came of it, or why it waits; null while nothing did.</param>
/// <param name="DueAt">When it is tried again; null unless it waits for that.</param>
public sealed record WebhookRow(string Id, string Event, string? Action, string? Repository, DateTimeOffset ReceivedAt, WebhookStatus Status, string? Outcome, int Tries, DateTimeOffset? DueAt);

/// <summary>Some deliveries.</summary>
/// <param name="NextCursor">Give it to get the older ones; null at the end.</param>
public sealed record WebhookPage(IReadOnlyList<WebhookRow> Items, string? NextCursor);

/// <summary>Reads the deliveries for page and HTTP interface.</summary>
public sealed class WebhookQueries(IDbContextFactory<CodexDb> databases, GitHubAppAccess app, IOptions<ServerOptions> server)
{
    /// <summary>What is to be entered at GitHub, and whether webhooks can be taken.</summary>
    public async Task<WebhookSetup> SetupAsync(CancellationToken cancellationToken)
    {
        var address = server.Value.PublicUrl;
        return new WebhookSetup($"{address?.AbsoluteUri.TrimEnd('/') ?? "https://(this server's public name)"}{WebhookServices.Path}", address is not null, await ProblemAsync(cancellationToken));
    }

    /// <summary>Deliveries, newest first.</summary>
    /// <param name="limit">1 or more.</param>
    /// <param name="cursor">From the page before; null, or what is no cursor, for the first.</param>
    public async Task<WebhookPage> ListAsync(int limit, string? cursor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var deliveries = db.WebhookDeliveries.AsNoTracking();
        if (IsCursor(cursor, out var at, out var number))
        {
            deliveries = deliveries.Where(d => d.ReceivedAt < at || (d.ReceivedAt == at && d.Number < number));
        }

        var found = await deliveries.OrderByDescending(d => d.ReceivedAt).ThenByDescending(d => d.Number).Take(limit + 1)
            .Select(d => new { d.Number, Row = new WebhookRow(d.Id, d.Event, d.Action, d.RepositoryName, d.ReceivedAt, d.Status, d.Outcome, d.Tries, d.Status == WebhookStatus.Queued && d.Tries > 0 ? d.DueAt : null) })
            .ToListAsync(cancellationToken);
        var next = found.Count > limit ? string.Create(CultureInfo.InvariantCulture, $"{found[limit - 1].Row.ReceivedAt.ToUnixTimeMilliseconds()}_{found[limit - 1].Number}") : null;
        return new WebhookPage([.. found.Take(limit).Select(delivery => delivery.Row)], next);
    }

    /// <summary>True for what <see cref="WebhookPage.NextCursor"/> can be.</summary>
    public static bool IsCursor(string text) => IsCursor(text, out _, out _);

    private async Task<string?> ProblemAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await app.WebhookSecretsAsync(cancellationToken)).Count > 0 ? null
                : "Webhooks are refused: there is no secret to check them with. Set GitHub:WebhookSecret, or connect a GitHub App above.";
        }
        catch (GitHubException exception)
        {
            return exception.Message;
        }
    }

    private static bool IsCursor(string? text, out DateTimeOffset at, out long number)
    {
        (at, number) = (default, 0);
        if (text?.Split('_') is not [var time, var place]
            || !long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) || milliseconds >= 253402300800000
            || !long.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            return false;
        }

        at = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return true;
    }
}
