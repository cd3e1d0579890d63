using CodexWeb.Agent.Protocol;
using CodexWeb.Tasks;

namespace CodexWeb.Attempts;

/// <summary>The phases in which the server itself runs what the environment names: its set-up script, and the checks the agent left out.</summary>
/// <param name="command">Runs a script in the sandbox to its end.</param>
internal sealed class EnvironmentPhases(AttemptJob job, RunningAttempt running, EvidenceSoFar evidence, Func<string, CancellationToken, Task<Item.CommandExecution>> command)
{
    /// <summary>Runs the set-up script.</summary>
    /// <returns>Null when the agent can begin.</returns>
    public async Task<AttemptEnd?> SetUpAsync(CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(job.Environment.SetupScript))
        {
            await running.SkipAsync(AttemptPhase.SetUp, "The environment has no set-up script.", cancellationToken);
            return null;
        }

        await running.BeginAsync(AttemptStatus.Preparing, AttemptPhase.SetUp, "Runs the set-up script", cancellationToken);
        var ended = await command(job.Environment.SetupScript, cancellationToken);
        if (ended.ExitCode != 0)
        {
            var cause = ended.ExitCode is { } code ? $"The set-up script ended with exit code {code}." : $"The set-up script did not end well. {ended.Reason}";
            return AttemptEnd.Failed(cause, "Its output is in the log. Mend the script in the environment, then retry.");
        }

        await running.EndAsync(PhaseState.Completed, null, null, cancellationToken);
        return null;
    }

    /// <summary>The environment's checks that the agent did not run after its last edit are run by the server.</summary>
    public async Task ChecksAsync(CancellationToken cancellationToken)
    {
        if (job.Task.Mode is TaskMode.Ask || evidence.ChecksToRun(again: job.Turn.Patch is not null) is not { Count: > 0 } checks)
        {
            await running.SkipAsync(AttemptPhase.Checks, job.Task.Mode is TaskMode.Ask ? "Nothing was changed." : "There is none that has not run since the last edit.", cancellationToken);
            return;
        }

        await running.BeginAsync(AttemptStatus.Running, AttemptPhase.Checks, "Runs the checks", cancellationToken);
        var failed = new List<string>();
        foreach (var check in checks)
        {
            if (await command(check, cancellationToken) is { ExitCode: not 0 })
            {
                failed.Add(check);
            }
        }

        // A check that fails is a fact about the change, not a fault of the run: the evidence says so.
        await running.EndAsync(PhaseState.Completed, failed.Count == 0 ? null : $"Failed: {string.Join(", ", failed)}", null, cancellationToken);
    }
}
