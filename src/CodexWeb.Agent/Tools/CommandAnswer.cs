using System.Globalization;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Tools;

/// <summary>
/// What the model reads of a command. First the facts, one a line: <c>Item</c> (for citations), <c>Exit code</c> or what ended it or <c>Still running</c> with the session id,
/// <c>Wall time</c>, <c>Total lines</c>; then <c>Output:</c> and the output, cut to the budget.
/// </summary>
internal static class CommandAnswer
{
    /// <summary>Writes the answer, with the end of the command when it is this call's to log, and lets go of a command that has ended.</summary>
    public static async Task<ToolAnswer> OfAsync(LiveCommand command, CommandReport report, CommandSessions commands, int tokens, IReadOnlyList<string> folders)
    {
        var text = Text(command, report, tokens);
        if (report.Closed is not null)
        {
            await commands.ForgetAsync(command);
        }

        return new ToolAnswer(text, report.Closing is { } closing ? [closing] : [], folders);
    }

    private static string Text(LiveCommand command, CommandReport report, int tokens)
    {
        var state = report.Closed switch
        {
            null => string.Create(CultureInfo.InvariantCulture, $"Still running: session {command.SessionId}. Poll it, write to it or interrupt it with write_stdin."),
            { Status: ItemStatus.Cancelled } stopped => $"aborted: {stopped.Reason} It may be half done.",
            { ExitCode: { } code, Reason: null } => string.Create(CultureInfo.InvariantCulture, $"Exit code: {code}"),
            { ExitCode: { } code } limited => string.Create(CultureInfo.InvariantCulture, $"Exit code: {code} ({limited.Reason})"),
            { } failed => $"Failed: {failed.Reason}",
        };
        var seconds = (report.Closed?.DurationMs ?? command.Age.TotalMilliseconds) / 1000.0;
        var head = string.Create(CultureInfo.InvariantCulture, $"Item: {command.ItemId}\n{state}\nWall time: {seconds:0.0##} s\nTotal lines: {report.Output.TotalLines}\nOutput:\n");
        return head + OutputBudget.Cut(report.Output, tokens);
    }
}
