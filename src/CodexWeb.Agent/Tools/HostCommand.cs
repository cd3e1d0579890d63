using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Tools;

/// <summary>A command that the server runs in the sandbox for itself: set-up and checks. It stands in the log like the agent's own.</summary>
public static class HostCommand
{
    /// <summary>Runs it to its end, with live output.</summary>
    /// <param name="openOutput">Opens the place for the whole output of the item with the given id.</param>
    /// <param name="outputBytes">So much of the output is kept.</param>
    /// <returns>The item as it stays in the log.</returns>
    /// <exception cref="SandboxException">The sandbox has ended.</exception>
    /// <exception cref="OperationCanceledException">Stopped; the command is killed and its item is logged as cancelled.</exception>
    public static async Task<Item.CommandExecution> RunAsync(
        ISandbox sandbox,
        string script,
        ItemIds ids,
        AppendEvents append,
        Func<string, Stream> openOutput,
        long outputBytes,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sandbox);
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(openOutput);
        using var log = new TurnLog(append, ids, facts: null, time, cancellationToken);
        var item = new Item.CommandExecution(ids.Next(), script, "", ItemStatus.InProgress);
        var process = await sandbox.StartAsync(new SandboxCommand { Script = script }, cancellationToken);
        await log.AppendAsync(new AgentEvent.ItemStarted(item));
        await using var command = new LiveCommand(process, item, terminal: false, new OutputFile(openOutput(item.Id), outputBytes), log, time);
        var report = await command.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);
        if (report.Closing is { } closing)
        {
            await log.AppendAsync(closing);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return report.Closed!;
    }
}
