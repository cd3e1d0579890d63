using CodexWeb.Agent.Protocol;
using CodexWeb.Ui;

namespace CodexWeb.Attempts.Items;

/// <summary>What a block of work comes to: the headline of its group.</summary>
/// <param name="Commands">Commands in it.</param>
/// <param name="Failed">Those that failed.</param>
/// <param name="Running">The command that runs now; null when none does.</param>
/// <param name="Took">Time of the commands that ended.</param>
public sealed record WorkSummary(int Commands, int Failed, TranscriptItem? Running, TimeSpan Took)
{
    /// <summary>Sums up a block.</summary>
    public static WorkSummary Of(TranscriptBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        var (commands, failed, took) = (0, 0, 0L);
        TranscriptItem? running = null;
        foreach (var item in block.Items)
        {
            if (item.Item is Item.CommandExecution command)
            {
                commands++;
                failed += HasFailed(command, item.Live) ? 1 : 0;
                took += command.DurationMs ?? 0;
                running = item.Live ? item : running;
            }
        }

        return new WorkSummary(commands, failed, running, TimeSpan.FromMilliseconds(took));
    }

    /// <summary>True when a command came to no good end: another exit code than 0, a time-out, a stop.</summary>
    public static bool HasFailed(Item.CommandExecution command, bool live)
    {
        ArgumentNullException.ThrowIfNull(command);
        return !live && (command.Status is not ItemStatus.Completed || command.ExitCode is not (null or 0));
    }

    /// <summary>The headline's first words.</summary>
    public string Title(AttemptPhase phase) => (phase, Commands) switch
    {
        (_, 0) => "Thought",
        (AttemptPhase.SetUp, _) => $"Set-up ran {Words.Count(Commands, "command")}",
        (AttemptPhase.Checks, _) => $"Checks ran {Words.Count(Commands, "command")}",
        _ => $"{(Running is null ? "Ran" : "Running")} {Words.Count(Commands, "command")}",
    };
}
