using CodexWeb.Repositories;
using CodexWeb.Tasks;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Review;

/// <summary>The sheet a pull request is opened and updated from: conflicts first, then its text, where it goes, and the other ways out when it cannot be.</summary>
public sealed partial class PullRequestSheet(PullRequests pulls, RepositoryCatalog catalog) : IDisposable
{
    private readonly Departure _gone = new();
    private Dialog? _dialog;
    private PullRequestProposal? _proposal;
    private RepositoryRow? _repository;
    private PullRequestView? _done;
    private string _title = "";
    private string _body = "";
    private bool _draft;
    private bool _preview;
    private bool _sending;
    private IReadOnlyList<string> _labels = [];
    private IReadOnlyList<string> _reviewers = [];
    private string? _problem;
    private IReadOnlyDictionary<string, string> _errors = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The task.</summary>
    [Parameter, EditorRequired]
    public TaskDetails Task { get; set; } = null!;

    /// <summary>The attempt whose work it has.</summary>
    [Parameter, EditorRequired]
    public AttemptDetails Attempt { get; set; } = null!;

    private string Id => $"pull-{Attempt.Id}";

    private bool IsOpen => Task.PullRequest is not null || _proposal?.Number is not null;

    private string Heading => _done is not null ? $"Pull request #{_done.Number}" : Task.PullRequest is { } pull ? $"Update #{pull.Number}" : "Create pull request";

    private string Verb => (_sending, IsOpen, _draft) switch
    {
        (true, _, _) => "Pushing…",
        (_, true, _) => $"Update PR #{Task.PullRequest?.Number ?? _proposal!.Number}",
        (_, _, true) => "Create draft PR",
        _ => "Create PR",
    };

    /// <summary>Opens the sheet and writes its text.</summary>
    public async Task OpenAsync()
    {
        (_proposal, _problem, _done, _preview, _labels, _reviewers) = (null, null, null, false, [], []);
        _errors = new Dictionary<string, string>(StringComparer.Ordinal);
        StateHasChanged();
        await _dialog!.OpenAsync();
        await ProposeAsync(baseBranch: null);
        if (_proposal is not null)
        {
            (_title, _body, _draft) = (_proposal.Title, _proposal.Body, _proposal.Draft);
        }

        _repository = (await catalog.ListAsync(_gone.Token)).FirstOrDefault(repository => repository.Id == Task.RepositoryId);
        StateHasChanged();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private static string Host(string url) => Uri.TryCreate(url, UriKind.Absolute, out var address) ? address.Host : "";

    private async Task ProposeAsync(string? baseBranch)
    {
        var proposed = await pulls.ProposeAsync(Task.Id, Attempt.Id, baseBranch, _gone.Token);
        _problem = proposed.Problem();
        _proposal = proposed is CommandResult<PullRequestProposal>.Done(var proposal) ? proposal : _proposal;
    }

    // Title and text stay as the person left them; what was written for the other base they can take from there.
    private Task ChangeBaseAsync(string? branch) => ProposeAsync(branch ?? _repository!.DefaultBranch);

    private async Task SendAsync()
    {
        (_sending, _problem) = (true, null);
        _errors = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            switch (await pulls.OpenOrUpdateAsync(Task.Id, Request(), _gone.Token))
            {
                case CommandResult<PullRequestView>.Done done:
                    _done = done.Value;
                    break;
                case CommandResult<PullRequestView>.Invalid invalid:
                    _errors = invalid.Errors;
                    break;
                case var failed:
                    _problem = failed.Problem();
                    break;
            }
        }
        catch (OperationCanceledException) when (_gone.Token.IsCancellationRequested)
        {
            // The page was left.
        }
        finally
        {
            _sending = false;
        }
    }

    // What the person did not touch is not sent for one that is open: it stays as it is at the host.
    private PullRequestRequest Request()
    {
        var proposal = _proposal!;
        return new PullRequestRequest(
            Attempt.Id,
            IsOpen && string.Equals(_title, proposal.Title, StringComparison.Ordinal) ? null : _title,
            IsOpen && string.Equals(_body.ReplaceLineEndings("\n"), proposal.Body.ReplaceLineEndings("\n"), StringComparison.Ordinal) ? null : _body,
            proposal.Base,
            _draft,
            _labels,
            _reviewers);
    }

    private string Invalid(string field) => _errors.ContainsKey(field) ? "true" : "false";

    private RenderFragment Error(string field) => builder =>
    {
        if (_errors.TryGetValue(field, out var error))
        {
            builder.OpenElement(0, "p");
            builder.AddAttribute(1, "class", "field-error");
            builder.AddContent(2, error);
            builder.CloseElement();
        }
    };
}
