using System.Data.Common;
using CodexWeb.Ui;
using CodexWeb.Ui.Markup;

namespace CodexWeb.GitHosts.Webhooks;

/// <summary>What GitHub sent lately and what came of it; before the first, what to enter at GitHub.</summary>
public sealed partial class WebhookLog(WebhookQueries queries, TimeProvider time)
{
    private const int PageSize = 20;

    private readonly Departure _gone = new();
    private WebhookSetup? _setup;
    private List<WebhookRow>? _rows;
    private string? _next;
    private string? _problem;
    private bool _loading;

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => LoadAsync();

    private Task LoadAsync() => ReadAsync(async () =>
    {
        _setup = await queries.SetupAsync(_gone.Token);
        var page = await queries.ListAsync(PageSize, cursor: null, _gone.Token);
        (_rows, _next) = ([.. page.Items], page.NextCursor);
    });

    private Task OlderAsync() => ReadAsync(async () =>
    {
        var page = await queries.ListAsync(PageSize, _next, _gone.Token);
        _rows!.AddRange(page.Items);
        _next = page.NextCursor;
    });

    private async Task ReadAsync(Func<Task> read)
    {
        _loading = true;
        try
        {
            await read();
            _problem = null;
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
        catch (DbException)
        {
            _problem = "The webhooks could not be read from the database. Look at the data folder, then look again.";
        }
        finally
        {
            _loading = false;
        }
    }

    private string Outcome(WebhookRow row)
    {
        var outcome = PlainText.RevealLine(row.Outcome ?? "Waits for its turn.");
        return row.DueAt is { } due && due > time.GetUtcNow() ? $"{outcome} Tried again in {Words.Clock(due - time.GetUtcNow())}." : outcome;
    }

    private static string SignOf(WebhookStatus status) => status switch
    {
        WebhookStatus.Done => "✓",
        WebhookStatus.Failed => "✗",
        WebhookStatus.Ignored => "–",
        _ => "●",
    };

    private static string MarkOf(WebhookStatus status) => status switch
    {
        WebhookStatus.Done => "ok",
        WebhookStatus.Failed => "bad",
        WebhookStatus.Ignored => "muted",
        _ => "warn",
    };
}
