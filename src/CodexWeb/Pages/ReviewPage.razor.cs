using System.Globalization;
using CodexWeb.CodeReviews;
using CodexWeb.Data;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Pages;

/// <summary>One review: verdict, findings with their code, and what can be done about them.</summary>
public sealed partial class ReviewPage(CodeReviewQueries queries, ReviewFeed feed, CodeReviewCommands commands, NavigationManager navigation)
{
    private const string Person = "Local user";

    private readonly Departure _gone = new();
    private Task _following = Task.CompletedTask;
    private CodeReviewDetails? _review;
    private IReadOnlyDictionary<FindingId, Excerpt> _excerpts = new Dictionary<FindingId, Excerpt>();
    private FindingId? _refused;
    private string? _refusal;
    private bool _missing;
    private bool _busy;

    /// <summary>The review's id.</summary>
    [Parameter]
    public string Id { get; set; } = "";

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
        if (!CodeReviewId.TryParse(Id, CultureInfo.InvariantCulture, out var id))
        {
            _missing = true;
            return;
        }

        await TakeAsync(await queries.DetailsAsync(id, _gone.Token));
        if (RendererInfo.IsInteractive && !_missing)
        {
            _following = FollowAsync(id);
        }
    }

    private async Task TakeAsync(CodeReviewDetails? review)
    {
        (_review, _missing) = (review, review is null);
        if (review is not null && _excerpts.Count == 0 && review.Findings.Count > 0)
        {
            _excerpts = await queries.ExcerptsAsync(review, _gone.Token);
        }
    }

    private async Task FollowAsync(CodeReviewId id)
    {
        try
        {
            await foreach (var review in feed.WatchAsync(id, _gone.Token))
            {
                await InvokeAsync(async () =>
                {
                    await TakeAsync(review);
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

    private async Task FixAsync(FindingView finding)
    {
        _busy = true;
        try
        {
            var started = await commands.FixAsync(finding.Id, Person, _gone.Token);
            (_refused, _refusal) = (finding.Id, started.Problem());
            if (started is CommandResult<TaskId>.Done { Value: var task })
            {
                navigation.NavigateTo($"/tasks/{task}");
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
        finally
        {
            _busy = false;
        }
    }

    // The file as it was reviewed.
    private string FileUrl(FindingView finding) => FormattableString.Invariant(
        $"/repositories/{_review!.Row.RepositoryId}/files/{_review.Row.HeadCommit}/{string.Join('/', finding.Path.Split('/').Select(Uri.EscapeDataString))}?lines={finding.StartLine}-{finding.EndLine}");
}
