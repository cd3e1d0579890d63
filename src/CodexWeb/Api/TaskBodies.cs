using System.Text.Json.Serialization;
using CodexWeb.Agent;
using CodexWeb.Data;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>A task to start. What this version does not offer is refused rather than ignored.</summary>
/// <param name="RepositoryId">The repository; not needed when an environment is named.</param>
/// <param name="EnvironmentId">The environment; null for the repository's default one.</param>
/// <param name="Mode"><c>code</c> (change the code on a branch) or <c>ask</c> (answer, change nothing).</param>
/// <param name="Prompt">Markdown, at most 100,000 characters.</param>
/// <param name="Branch">Where to start from; null for the repository's default branch.</param>
/// <param name="Model">A model's id; null for the default.</param>
/// <param name="ReasoningEffort">As the provider names it; null for its default.</param>
/// <param name="Attempts">1 to 4, side by side; null for 1.</param>
/// <param name="Models">A model's id for each attempt, in their order, instead of model; then attempts may be left out.</param>
/// <param name="Images">Images to look at, as data addresses (<c>data:image/png;base64,…</c>), at most 10; null for none.</param>
/// <param name="Approval"><c>full-auto</c> (the default), <c>auto-edit</c> (commands are asked for) or <c>suggest</c> (edits too).</param>
/// <param name="Budget">When to ask the person how to go on; null for never.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TaskBody(
    RepositoryId? RepositoryId,
    EnvironmentId? EnvironmentId,
    string? Mode,
    string? Prompt,
    string? Branch,
    string? Model,
    string? ReasoningEffort,
    int? Attempts,
    List<string>? Models,
    List<string>? Images,
    string? Approval,
    BudgetBody? Budget)
{
    public NewTask ToTask(IReadOnlyList<AttachmentId> images) => new()
    {
        RepositoryId = RepositoryId,
        EnvironmentId = EnvironmentId,
        Mode = string.Equals(Mode, "ask", StringComparison.Ordinal) ? TaskMode.Ask : TaskMode.Code,
        Prompt = Prompt ?? "",
        Branch = Branch,
        Model = Model,
        ReasoningEffort = ReasoningEffort,
        Attempts = Attempts ?? Models?.Count ?? 1,
        Models = Models,
        Attachments = images,
        Approval = ModeOf(Approval) ?? ApprovalMode.FullAuto,
        BudgetMinutes = Budget?.Minutes,
        BudgetCost = Budget?.Cost,
    };

    public Dictionary<string, string> FindErrors()
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Mode is not ("code" or "ask"))
        {
            errors["mode"] = Mode is null ? "Choose a mode: code or ask." : $"There is no mode '{Mode}'. Choose code or ask.";
        }

        if (Models is not null && Model is not null)
        {
            errors["models"] = "Name one model for all attempts (model) or one for each (models), not both.";
        }

        if (ModeOf(Approval) is null)
        {
            errors["approval"] = $"There is no approval mode '{Approval}'. Choose full-auto, auto-edit or suggest.";
        }

        if (TaskBudgets.Error(Budget?.Minutes, Budget?.Cost) is { } budget)
        {
            errors["budget"] = budget;
        }

        return errors;
    }

    private static ApprovalMode? ModeOf(string? text) => text switch
    {
        null or "full-auto" => ApprovalMode.FullAuto,
        "auto-edit" => ApprovalMode.AutoEdit,
        "suggest" => ApprovalMode.Suggest,
        _ => null,
    };
}

/// <summary>A follow-up.</summary>
/// <param name="Prompt">Markdown; may be empty when there are comments.</param>
/// <param name="AttemptId">The attempt to go on with; null for the one that was pushed last, else the first that is done.</param>
/// <param name="Images">As of a task.</param>
/// <param name="Comments">Remarks on lines of the diff.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TurnBody(string? Prompt, AttemptId? AttemptId, List<string>? Images, List<CommentBody>? Comments)
{
    public Dictionary<string, string> FindErrors()
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        var comments = Comments ?? [];
        for (var at = 0; at < comments.Count; at++)
        {
            if (comments[at].FindError() is { } error)
            {
                errors[$"comments[{at}]"] = error;
            }
        }

        return errors;
    }
}

/// <summary>A remark on a line of the diff.</summary>
/// <param name="Path">The file's path in the diff.</param>
/// <param name="Line">The line's number on its side, from 1.</param>
/// <param name="Side"><c>new</c> (the default) or <c>old</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CommentBody(string? Path, int? Line, string? Side, string? Text)
{
    public ReviewComment ToComment() => new(Path!, Line!.Value, Side ?? "new", Text!);

    public string? FindError() =>
        string.IsNullOrWhiteSpace(Path) ? "path must name a file of the diff."
        : Line is not >= 1 ? "line must be a line's number, from 1."
        : Side is not (null or "new" or "old") ? "side must be new or old."
        : string.IsNullOrWhiteSpace(Text) ? "text must say something."
        : null;
}

/// <summary>What to change of a task.</summary>
/// <param name="Title">Another title; null to leave it.</param>
/// <param name="Archived">True to put it away, false to take it out again; null to leave it.</param>
/// <param name="Budget">Another budget in place of the one it has; null to leave it.</param>
/// <param name="ChosenAttemptId">The id of the attempt to pick out of several, or <c>none</c> to take the choice back; null to leave it.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TaskChangeBody(string? Title, bool? Archived, BudgetBody? Budget, string? ChosenAttemptId);

/// <summary>What all attempts of a task may take together before the person is asked how to go on.</summary>
/// <param name="Minutes">Minutes of work, at least 1; null for no such limit.</param>
/// <param name="Cost">US dollars, more than 0; null for no such limit. Counts where the model's price is known.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record BudgetBody(int? Minutes, decimal? Cost);
