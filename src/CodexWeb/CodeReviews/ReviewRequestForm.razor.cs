using System.Globalization;
using CodexWeb.Data;
using CodexWeb.Repositories;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.CodeReviews;

/// <summary>Asks for a review of a pull request, by repository and number or by the address of its page.</summary>
public sealed partial class ReviewRequestForm(CodeReviewCommands commands, NavigationManager navigation) : IDisposable
{
    private const string Person = "Local user";

    private readonly Departure _gone = new();
    private string? _repository;
    private string _pull = "";
    private string? _problem;
    private bool _busy;

    /// <summary>Those to choose from.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<RepositoryRow> Repositories { get; set; } = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnParametersSet() => _repository ??= Repositories.Count > 0 ? Repositories[0].Id.ToString() : null;

    private async Task RequestAsync()
    {
        (_busy, _problem) = (true, null);
        try
        {
            var requested = await RequestAsync(_pull.Trim());
            _problem = requested.Problem();
            if (requested is CommandResult<CodeReviewId>.Done { Value: var id })
            {
                navigation.NavigateTo($"/reviews/{id}");
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

    private async Task<CommandResult<CodeReviewId>> RequestAsync(string pull)
    {
        if (pull.Contains('/', StringComparison.Ordinal))
        {
            return await commands.RequestAsync(pull, Person, _gone.Token);
        }

        return int.TryParse(pull.TrimStart('#'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && RepositoryId.TryParse(_repository, CultureInfo.InvariantCulture, out var repository)
            ? await commands.RequestAsync(repository, number, Person, ReviewTrigger.Requested, _gone.Token)
            : new CommandResult<CodeReviewId>.Invalid("number", "Give the number of a pull request, for example 12, or the address of its page.");
    }
}
