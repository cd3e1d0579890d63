using CodexWeb.CodeReviews;
using CodexWeb.Data;
using CodexWeb.Repositories;
using CodexWeb.Ui;

namespace CodexWeb.Pages;

/// <summary>All reviews of pull requests, and where to ask for one.</summary>
public sealed partial class ReviewsPage(CodeReviewQueries queries, ReviewFeed feed, RepositoryCatalog catalog)
{
    private const int PageSize = 50;

    private readonly Departure _gone = new();
    private Task _following = Task.CompletedTask;
    private IReadOnlyList<RepositoryRow> _repositories = [];
    private List<CodeReviewRow>? _rows;
    private RepositoryId? _repository;
    private CodeReviewStatus? _status;
    private string? _next;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await _following;
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _repositories = [.. (await catalog.ListAsync(_gone.Token)).Where(static repository => repository.Host is "github")];
        if (RendererInfo.IsInteractive)
        {
            _following = FollowAsync();
        }

        await LoadAsync();
    }

    private Task Narrow(RepositoryId? repository, CodeReviewStatus? status)
    {
        (_repository, _status) = (repository, status);
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        var page = await queries.ListAsync(_repository, _status, Math.Max(PageSize, _rows?.Count ?? 0), null, _gone.Token);
        (_rows, _next) = ([.. page.Items], page.NextCursor);
    }

    private async Task MoreAsync()
    {
        var page = await queries.ListAsync(_repository, _status, PageSize, CodeReviewId.TryParse(_next, null, out var before) ? before : null, _gone.Token);
        (_rows, _next) = ([.. _rows ?? [], .. page.Items], page.NextCursor);
    }

    private async Task FollowAsync()
    {
        try
        {
            await foreach (var _ in feed.FollowAsync(_gone.Token))
            {
                await InvokeAsync(async () =>
                {
                    await LoadAsync();
                    StateHasChanged();
                });
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
        catch (Exception exception)
        {
            // The outermost owner of the loop: the page must not stand still without a word.
            await DispatchExceptionAsync(exception);
        }
    }
}
