using System.Globalization;
using CodexWeb.Agent;
using CodexWeb.Agent.Protocol;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Attempts;

/// <summary>Answers what attempts ask; page and HTTP interface call the same.</summary>
public sealed class ApprovalCommands(IDbContextFactory<CodexDb> databases, Approvals approvals, IAttemptSignals signals)
{
    /// <summary>Characters of a reason or an answer, at most.</summary>
    public const int LongestText = 10_000;

    /// <summary>Answers the question that an item of an attempt's log shows.</summary>
    public async Task<CommandResult<Nothing>> DecideAsync(
        AttemptId attempt, string itemId, ApprovalDecision decision, string? reason, IReadOnlyList<string> answers, string person, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var id = await db.Approvals.AsNoTracking().Where(a => a.AttemptId == attempt && a.ItemId == itemId).Select(a => (ApprovalId?)a.Id).SingleOrDefaultAsync(cancellationToken);
        return id is { } known ? await DecideAsync(known, decision, reason, answers, person, cancellationToken) : new CommandResult<Nothing>.NotFound("There is no such question.");
    }

    /// <summary>Answers a question. Approving that the work goes on with a budget that is used up gives as much again.</summary>
    /// <param name="id">The question.</param>
    /// <param name="reason">Told to the model; null or empty for none.</param>
    /// <param name="answers">To the questions of the model, one each; empty for all other kinds.</param>
    /// <param name="person">Who decides.</param>
    public async Task<CommandResult<Nothing>> DecideAsync(
        ApprovalId id, ApprovalDecision decision, string? reason, IReadOnlyList<string> answers, string person, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(answers);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var asked = await db.Approvals.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellationToken);
        if (asked is null)
        {
            return new CommandResult<Nothing>.NotFound("There is no such question.");
        }

        if (asked.Decision is { } before)
        {
            return new CommandResult<Nothing>.Refused(before is ApprovalDecision.Withdrawn
                ? "The question was taken back: the attempt ended before there was an answer."
                : $"{asked.DecidedBy} decided this already: {ApprovalWords.Of(before, asked.Kind).ToLowerInvariant()}.");
        }

        reason = string.IsNullOrWhiteSpace(reason) ? null : reason.Trim();
        if (await ErrorAsync(asked, decision, reason, answers, cancellationToken) is { } error)
        {
            return error;
        }

        try
        {
            await approvals.DecideAsync(asked, new ApprovalAnswer(decision, reason, [.. answers.Select(static answer => answer.Trim())], person), asked.Kind is ApprovalKind.Budget && decision is ApprovalDecision.Approve ? GiveAsMuchAgainAsync : null, cancellationToken);

            async Task GiveAsMuchAgainAsync(CodexDb row)
            {
                var task = await row.Tasks.SingleAsync(t => row.Attempts.Any(a => a.Id == asked.AttemptId && a.TaskId == t.Id), CancellationToken.None);
                var (minutes, cost) = (await BudgetUse.ReadAsync(row, task.Id, CancellationToken.None))!.AsMuchAgain();
                task.SetBudget(minutes, cost, task.UpdatedAt);
            }
        }
        catch (InvalidOperationException)
        {
            return new CommandResult<Nothing>.Refused("Somebody decided this a moment ago, or the attempt ended.");
        }

        signals.TaskChanged(await db.Attempts.Where(a => a.Id == asked.AttemptId).Select(a => a.TaskId).SingleAsync(cancellationToken));
        return new CommandResult<Nothing>.Done(default);
    }

    private async Task<CommandResult<Nothing>?> ErrorAsync(Approval asked, ApprovalDecision decision, string? reason, IReadOnlyList<string> answers, CancellationToken cancellationToken)
    {
        var wrongDecision = decision switch
        {
            ApprovalDecision.Withdrawn => "Only the server takes a question back.",
            ApprovalDecision.WrapUp when asked.Kind is not (ApprovalKind.Budget or ApprovalKind.Loop) => "This can be approved or rejected.",
            ApprovalDecision.ApproveForTask when asked.RuleKey is null => "This can be approved once only: there is no rule for the rest of the task.",
            _ => null,
        };
        return wrongDecision is not null ? new CommandResult<Nothing>.Invalid("decision", wrongDecision)
            : Text(reason) is { } wrongReason ? new CommandResult<Nothing>.Invalid("reason", wrongReason)
            : await AnswersErrorAsync(asked, decision, answers, cancellationToken) is { } wrongAnswers ? new CommandResult<Nothing>.Invalid("answers", wrongAnswers)
            : null;
    }

    private async Task<string?> AnswersErrorAsync(Approval asked, ApprovalDecision decision, IReadOnlyList<string> answers, CancellationToken cancellationToken)
    {
        if (asked.Kind is not ApprovalKind.Question || decision is not ApprovalDecision.Approve)
        {
            return answers.Count == 0 ? null : "Answers belong to questions of the model alone.";
        }

        var questions = (await approvals.ListAsync(asked.AttemptId, cancellationToken))?.FirstOrDefault(view => view.Id == asked.Id)?.Questions?.Count ?? answers.Count;
        return answers.Count != questions ? string.Create(CultureInfo.InvariantCulture, $"There are {questions} questions and {answers.Count} answers. Give one answer to each, in order.")
            : answers.Any(string.IsNullOrWhiteSpace) ? "Answer each question: choose, or write."
            : answers.Select(Text).FirstOrDefault(static error => error is not null);
    }

    private static string? Text(string? text) => text switch
    {
        null => null,
        { Length: > LongestText } => string.Create(CultureInfo.InvariantCulture, $"The text has {text.Length:N0} characters; {LongestText:N0} are the most."),
        _ when text.Contains('\0', StringComparison.Ordinal) => "The text has a NUL character in it. Take it out.",
        _ => null,
    };
}
