using System.Globalization;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Tools;

namespace CodexWeb.Agent;

/// <summary>Notices when the agent goes in circles, and asks a person; where there is none it tells the model, and ends the turn when that does not help.</summary>
internal sealed class CircleWatch(AgentTurn turn, TurnRecord record)
{
    private const int ShownOutput = 2_000;

    // A question of before a restart: still open, or answered and not acted on yet.
    private Item.Approval? _before = turn.Asked.FirstOrDefault(static asked => asked.Kind is ApprovalKind.Loop);

    /// <summary>Looks at what the last step did, before the model is asked again.</summary>
    /// <returns>Why the turn ends; null to go on.</returns>
    /// <exception cref="OperationCanceledException">The turn was stopped while a person was asked.</exception>
    public async Task<string?> StopAsync(CancellationToken cancellationToken)
    {
        var before = Interlocked.Exchange(ref _before, null);
        if (before is not null && ApprovalAnswer.Of(before) is { } given)
        {
            return await ActAsync(given, before.Title);
        }

        if (turn.Facts.Circle() is not { } circle)
        {
            return null;
        }

        return turn.Ask is { } ask
            ? await AskAsync(ask, circle, before?.Id ?? record.Ids.Next(), cancellationToken)
            : await TellAsync(circle);
    }

    private async Task<string?> AskAsync(AskPerson ask, RepeatedFailure circle, string id, CancellationToken cancellationToken)
    {
        var title = Permission.FirstLine(circle.Command.Command);
        var output = circle.Command.Output.Length <= ShownOutput ? circle.Command.Output : "…" + circle.Command.Output[^ShownOutput..];
        var detail = string.Create(
            CultureInfo.InvariantCulture, $"{circle.Command.Command}\n\nfailed the same way {circle.Times} times in a row: {Ending(circle.Command)}\n\n{HiddenCharacters.Reveal(output)}");
        return await ActAsync(await ask(new Item.Approval(id, ApprovalKind.Loop, title, detail), null, cancellationToken), title);
    }

    private async Task<string?> ActAsync(ApprovalAnswer answer, string command)
    {
        switch (answer.Decision)
        {
            case ApprovalDecision.Reject:
                return $"It went in circles with `{command}`, and you ended it. What was changed is kept; a follow-up or Retry goes on from here.";
            case ApprovalDecision.WrapUp:
                var says = string.IsNullOrWhiteSpace(answer.Reason) ? "" : $" They say: {answer.Reason}";
                await record.AppendAsync([], [new ConversationEntry.User($"The command `{command}` fails the same way again and again. The person wants you to take another way.{says}", FromServer: true)]);
                return null;
            default:
                return null;
        }
    }

    private async Task<string?> TellAsync(RepeatedFailure circle)
    {
        var command = Permission.FirstLine(circle.Command.Command);
        if (circle.Times >= RepeatedFailures.TooMany)
        {
            return string.Create(CultureInfo.InvariantCulture, $"It went in circles: `{command}` failed the same way {circle.Times} times in a row. What was changed is kept; say in a follow-up how to go on, or retry.");
        }

        var notice = new Item.Notice(record.Ids.Next(), "loop", string.Create(
            CultureInfo.InvariantCulture, $"`{command}` failed the same way {circle.Times} times in a row. The model is told to take another way; the turn ends after {RepeatedFailures.TooMany}."));
        var told = string.Create(
            CultureInfo.InvariantCulture,
            $"The command `{command}` has failed the same way {circle.Times} times in a row ({Ending(circle.Command)}). Running it again as things are will not help. Find the cause first or take another way; if neither is possible, stop and report what blocks you. After {RepeatedFailures.TooMany} such failures the turn is ended.");
        await record.AppendAsync([new AgentEvent.ItemCompleted(notice)], [new ConversationEntry.User(told, FromServer: true)]);
        return null;
    }

    private static string Ending(Item.CommandExecution command) =>
        command.ExitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $"exit code {code}") : command.Reason?.TrimEnd('.') ?? "no exit code";
}
