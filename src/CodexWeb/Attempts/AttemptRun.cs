using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Tools;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Environments;
using CodexWeb.Tasks;

namespace CodexWeb.Attempts;

/// <summary>What the agent is given once workspace, sandbox and set-up are there.</summary>
/// <param name="Prompt">Null to go on with a turn whose start is in the log.</param>
/// <param name="EnvironmentNotes">What the environment says to the model; null for nothing.</param>
/// <param name="Asked">Questions of before a restart.</param>
internal sealed record PreparedTurn(
    int Number,
    string? Prompt,
    AgentMode Mode,
    string? ReasoningEffort,
    Conversation History,
    WorkFacts Facts,
    Func<CancellationToken, Task<string?>> HostFacts,
    ItemIds Ids,
    TokenUsage UsedBefore,
    ISandbox Sandbox,
    AppendEvents Append,
    Func<CancellationToken, Task> Checkpoint,
    string? EnvironmentNotes,
    ApprovalMode Approval,
    IReadOnlyList<Item.Approval> Asked,
    CodexEnvironment Environment);

/// <summary>One run of an attempt, phase by phase. Holds the workspace and the sandbox, and lets them go.</summary>
internal sealed class AttemptRun : IAsyncDisposable
{
    private static readonly TimeSpan LastCheckpointTime = TimeSpan.FromMilliseconds(1500);

    private readonly AttemptJob _job;
    private readonly RunningAttempt _running;
    private readonly AttemptWorkspaces _workspaces;
    private readonly TimeProvider _time;
    private readonly Resumption _before;
    private readonly AgentMode _mode;
    private readonly AttemptEvents _events;
    private readonly EnvironmentPhases _phases;
    private readonly SemaphoreSlim _checkpointing = new(1, 1);
    private string _baseCommit = "";
    private Workspace? _workspace;
    private ISandbox? _sandbox;

    /// <summary>A run of what the job says.</summary>
    public AttemptRun(AttemptJob job, RunningAttempt running, AttemptWorkspaces workspaces, AttemptFiles files, AttemptFindings findings, AttemptOptions options, TimeProvider time)
    {
        (_job, _running, _workspaces, _time) = (job, running, workspaces, time);
        _before = Resumption.From(job.Events);
        // Later turns of a review are questions about it.
        _mode = job.Task.Mode is TaskMode.Code ? AgentMode.Code : job.Task.ReviewId is not null && job.Turn.Number == 1 ? AgentMode.Review : AgentMode.Ask;
        _events = new AttemptEvents(job, _mode, running, findings) { Commit = () => _workspace?.LastCommit ?? _baseCommit };
        _phases = new EnvironmentPhases(job, running, _events.Evidence, (script, token) => HostCommand.RunAsync(
            _sandbox!, script, _before.Ids, _events.AppendAsync, itemId => files.CreateOutput(running.Id, itemId), (long)options.OutputMiB << 20, time, token));
    }

    /// <summary>Goes through the phases.</summary>
    /// <param name="agent">Runs the agent's part.</param>
    public async Task<AttemptEnd> RunAsync(Func<PreparedTurn, Task<TurnOutcome>> agent, CancellationToken cancellationToken)
    {
        await _events.AppendAsync(_before.Closing, cancellationToken);
        if (await PrepareAsync(cancellationToken) is { } notPrepared)
        {
            return notPrepared;
        }

        if (await _phases.SetUpAsync(cancellationToken) is { } notSetUp)
        {
            return notSetUp;
        }

        var end = await AgentAsync(agent, cancellationToken);
        if (end.Status is AttemptStatus.Completed)
        {
            await _phases.ChecksAsync(cancellationToken);
        }

        return end;
    }

    /// <summary>Saves what was changed last, and brings the attempt to rest.</summary>
    public async Task SettleAsync(AttemptEnd end)
    {
        if (end.Status is not AttemptStatus.Completed)
        {
            // A stop keeps what was changed, within the two seconds it may take.
            using var patience = new CancellationTokenSource(LastCheckpointTime, _time);
            await KeepAsync(patience.Token);
            await _running.EndAsync(end.Status is AttemptStatus.Cancelled ? PhaseState.Cancelled : PhaseState.Failed, end.Cause, end.Fix, CancellationToken.None);
        }

        List<AgentEvent> last = end.Status is not AttemptStatus.Completed && _events.Evidence.TurnOpen(_job.Turn.Number) ? [new AgentEvent.TurnFailed(_job.Turn.Number, end.Reason)] : [];
        await _running.SettleAsync(end.Status, end.Reason, last, await _events.EvidenceLineAsync(last, _baseCommit), CancellationToken.None);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_sandbox is not null)
        {
            await _sandbox.DisposeAsync();
        }

        _workspace?.Dispose();

        _checkpointing.Dispose();
    }

    private async Task<AttemptEnd?> PrepareAsync(CancellationToken cancellationToken)
    {
        await _running.BeginAsync(AttemptStatus.Preparing, AttemptPhase.Workspace, "Makes the workspace", cancellationToken);
        try
        {
            _baseCommit = await _workspaces.BaseCommitAsync(_job.Task, cancellationToken);
            _workspace = await _workspaces.OpenAsync(_job.Task, _job.Attempt, _baseCommit, cancellationToken);
            _sandbox = await _workspaces.EncloseAsync(_workspace, _job.Task, _job.Environment.Variables, cancellationToken);
        }
        catch (RepositoryException exception)
        {
            return AttemptEnd.Failed(exception.Message, "See that the repository is where it was connected from, then retry.");
        }
        catch (Exception exception) when (exception is WorkspaceException or SandboxException or ProcessException)
        {
            return AttemptEnd.Failed(exception.Message, "Settings › Checks says what this server lacks. Retry when it is mended.");
        }

        await _running.EndAsync(PhaseState.Completed, null, null, cancellationToken);
        return null;
    }

    private async Task<AttemptEnd> AgentAsync(Func<PreparedTurn, Task<TurnOutcome>> agent, CancellationToken cancellationToken)
    {
        await _running.BeginAsync(AttemptStatus.Running, AttemptPhase.Agent, _job.Turn.Patch is null ? "The agent works" : "Applies the hunks", cancellationToken);
        var goesOn = _before.Turn == _job.Turn.Number && (_before.TurnOpen || _job.Attempt.Resumes || _events.Evidence.TurnFailed(_job.Turn.Number));
        if (goesOn && !_before.TurnOpen)
        {
            await _events.AppendAsync([new AgentEvent.TurnStarted(_job.Turn.Number)], cancellationToken);
        }

        var outcome = await agent(new PreparedTurn(
            _job.Turn.Number,
            goesOn ? null : _job.Turn.Prompt,
            _mode,
            _job.Task.ReasoningEffort,
            _before.History,
            _before.Facts,
            async token => EvidenceFacts.Of(await _events.EvidenceAsync([], _baseCommit, token)),
            _before.Ids,
            goesOn ? _before.Used : default,
            _sandbox!,
            _events.AppendAsync,
            CheckpointAsync,
            Notes(),
            _job.Task.Approval,
            _before.Asked,
            _job.Environment));
        switch (outcome)
        {
            case TurnOutcome.Completed:
                await CheckpointAsync(cancellationToken);
                await _running.EndAsync(PhaseState.Completed, null, null, cancellationToken);
                return AttemptEnd.Completed(_mode switch
                {
                    _ when _job.Turn.Patch is not null => "The files are changed as you asked; review them.",
                    AgentMode.Code => "The work is done; review it.",
                    AgentMode.Review => "The review is there.",
                    _ => "The answer is there.",
                });
            case TurnOutcome.LimitReached limit:
                return AttemptEnd.Failed(limit.Message, "A follow-up goes on from here.");
            case TurnOutcome.Failed failed:
                return AttemptEnd.Failed(failed.Message, "Retry goes on where it broke off.");
            default:
                throw new InvalidOperationException($"There is no outcome {outcome}.");
        }
    }

    private async Task CheckpointAsync(CancellationToken cancellationToken)
    {
        if (_job.Task.Mode is TaskMode.Ask)
        {
            return;
        }

        await _checkpointing.WaitAsync(cancellationToken);
        try
        {
            if (await _workspace!.CheckpointAsync(_sandbox!, $"Turn {_job.Turn.Number}", cancellationToken) is not { } saved)
            {
                return;
            }

            var events = saved.Notices.Select(notice => (AgentEvent)new AgentEvent.ItemCompleted(new Item.Notice(_before.Ids.Next(), "workspace", notice))).ToList();
            if (saved.Changed)
            {
                var summary = await _workspaces.SummariseAsync(_job.Task, _job.Task.MergedInto(_job.Attempt.Id) ?? _baseCommit, saved.Commit, cancellationToken);
                events.Add(new AgentEvent.Checkpoint(saved.Commit, summary.Files.Count, summary.Added, summary.Removed));
            }

            await _events.AppendAsync(events, cancellationToken);
        }
        finally
        {
            _checkpointing.Release();
        }
    }

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        if (_sandbox is null || _workspace is null)
        {
            return;
        }

        try
        {
            await CheckpointAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is SandboxException or WorkspaceException or ProcessException or OperationCanceledException)
        {
            // The files are still in the workspace; the next turn saves them.
            await _events.AppendAsync([new AgentEvent.ItemCompleted(new Item.Notice(_before.Ids.Next(), "workspace", "The last changes could not be added to the diff. They are kept in the workspace, and a follow-up shows them."))], CancellationToken.None);
        }
    }

    private string? Notes() => _job.Environment.Checks.Count == 0 || _mode is AgentMode.Review
        ? null
        : $"The environment names these checks; run them before you report:\n{string.Join('\n', _job.Environment.Checks.Select(check => $"- `{check}`"))}";
}
