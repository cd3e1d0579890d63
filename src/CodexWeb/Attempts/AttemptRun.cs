using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Tools;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Tasks;

namespace CodexWeb.Attempts;

/// <summary>What the agent is given once workspace, sandbox and set-up are there.</summary>
/// <param name="Prompt">Null to go on with a turn whose start is in the log.</param>
/// <param name="EnvironmentNotes">What the environment says to the model; null for nothing.</param>
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
    string? EnvironmentNotes);

/// <summary>One run of an attempt, phase by phase. Holds the workspace and the sandbox, and lets them go.</summary>
internal sealed class AttemptRun(AttemptJob job, RunningAttempt running, AttemptWorkspaces workspaces, AttemptFiles files, AttemptFindings findings, AttemptOptions options, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan LastCheckpointTime = TimeSpan.FromMilliseconds(1500);

    private readonly Resumption _before = Resumption.From(job.Events);
    private readonly EvidenceSoFar _evidence = new(job.Events, job.Environment.Checks);
    private readonly SemaphoreSlim _checkpointing = new(1, 1);
    private string _baseCommit = "";
    private Workspace? _workspace;
    private ISandbox? _sandbox;

    // Later turns of a review are questions about it.
    private AgentMode ModeOfTurn => job.Task.Mode is TaskMode.Code ? AgentMode.Code
        : job.Task.ReviewId is not null && job.Turn.Number == 1 ? AgentMode.Review
        : AgentMode.Ask;

    /// <summary>Goes through the phases.</summary>
    /// <param name="agent">Runs the agent's part.</param>
    public async Task<AttemptEnd> RunAsync(Func<PreparedTurn, Task<TurnOutcome>> agent, CancellationToken cancellationToken)
    {
        await AppendAsync(_before.Closing, cancellationToken);
        if (await PrepareAsync(cancellationToken) is { } notPrepared)
        {
            return notPrepared;
        }

        if (await SetUpAsync(cancellationToken) is { } notSetUp)
        {
            return notSetUp;
        }

        var end = await AgentAsync(agent, cancellationToken);
        if (end.Status is AttemptStatus.Completed)
        {
            await ChecksAsync(cancellationToken);
        }

        return end;
    }

    /// <summary>Saves what was changed last, and brings the attempt to rest.</summary>
    public async Task SettleAsync(AttemptEnd end)
    {
        if (end.Status is not AttemptStatus.Completed)
        {
            // A stop keeps what was changed, within the two seconds it may take.
            using var patience = new CancellationTokenSource(LastCheckpointTime, time);
            await KeepAsync(patience.Token);
            await running.EndAsync(end.Status is AttemptStatus.Cancelled ? PhaseState.Cancelled : PhaseState.Failed, end.Cause, end.Fix, CancellationToken.None);
        }

        List<AgentEvent> last = end.Status is not AttemptStatus.Completed && _evidence.TurnOpen(job.Turn.Number) ? [new AgentEvent.TurnFailed(job.Turn.Number, end.Reason)] : [];
        await running.SettleAsync(end.Status, end.Reason, last, await EvidenceLineAsync(last), CancellationToken.None);
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
        await running.BeginAsync(AttemptStatus.Preparing, AttemptPhase.Workspace, "Makes the workspace", cancellationToken);
        try
        {
            _baseCommit = await workspaces.BaseCommitAsync(job.Task, cancellationToken);
            _workspace = await workspaces.OpenAsync(job.Task, job.Attempt, _baseCommit, cancellationToken);
            _sandbox = await workspaces.EncloseAsync(_workspace, job.Task, job.Environment.Variables, cancellationToken);
        }
        catch (RepositoryException exception)
        {
            return AttemptEnd.Failed(exception.Message, "See that the repository is where it was connected from, then retry.");
        }
        catch (Exception exception) when (exception is WorkspaceException or SandboxException or ProcessException)
        {
            return AttemptEnd.Failed(exception.Message, "Settings › Checks says what this server lacks. Retry when it is mended.");
        }

        await running.EndAsync(PhaseState.Completed, null, null, cancellationToken);
        return null;
    }

    private async Task<AttemptEnd?> SetUpAsync(CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(job.Environment.SetupScript))
        {
            await running.SkipAsync(AttemptPhase.SetUp, "The environment has no set-up script.", cancellationToken);
            return null;
        }

        await running.BeginAsync(AttemptStatus.Preparing, AttemptPhase.SetUp, "Runs the set-up script", cancellationToken);
        var ended = await CommandAsync(job.Environment.SetupScript, cancellationToken);
        if (ended.ExitCode != 0)
        {
            var cause = ended.ExitCode is { } code ? $"The set-up script ended with exit code {code}." : $"The set-up script did not end well. {ended.Reason}";
            return AttemptEnd.Failed(cause, "Its output is in the log. Mend the script in the environment, then retry.");
        }

        await running.EndAsync(PhaseState.Completed, null, null, cancellationToken);
        return null;
    }

    private async Task<AttemptEnd> AgentAsync(Func<PreparedTurn, Task<TurnOutcome>> agent, CancellationToken cancellationToken)
    {
        await running.BeginAsync(AttemptStatus.Running, AttemptPhase.Agent, "The agent works", cancellationToken);
        var goesOn = _before.Turn == job.Turn.Number && (_before.TurnOpen || job.Attempt.Resumes || _evidence.TurnFailed(job.Turn.Number));
        if (goesOn && !_before.TurnOpen)
        {
            await AppendAsync([new AgentEvent.TurnStarted(job.Turn.Number)], cancellationToken);
        }

        var outcome = await agent(new PreparedTurn(
            job.Turn.Number,
            goesOn ? null : job.Turn.Prompt,
            ModeOfTurn,
            job.Task.ReasoningEffort,
            _before.History,
            _before.Facts,
            async token => EvidenceFacts.Of(await EvidenceAsync([], token)),
            _before.Ids,
            goesOn ? _before.Used : default,
            _sandbox!,
            AppendAsync,
            CheckpointAsync,
            Notes()));
        switch (outcome)
        {
            case TurnOutcome.Completed:
                await CheckpointAsync(cancellationToken);
                await running.EndAsync(PhaseState.Completed, null, null, cancellationToken);
                return AttemptEnd.Completed(ModeOfTurn switch
                {
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

    /// <summary>The environment's checks that the agent did not run after its last edit are run by the server.</summary>
    private async Task ChecksAsync(CancellationToken cancellationToken)
    {
        if (job.Task.Mode is TaskMode.Ask || _evidence.ChecksToRun() is not { Count: > 0 } checks)
        {
            await running.SkipAsync(AttemptPhase.Checks, job.Task.Mode is TaskMode.Ask ? "Nothing was changed." : "There is none that has not run since the last edit.", cancellationToken);
            return;
        }

        await running.BeginAsync(AttemptStatus.Running, AttemptPhase.Checks, "Runs the checks", cancellationToken);
        var failed = new List<string>();
        foreach (var check in checks)
        {
            if (await CommandAsync(check, cancellationToken) is { ExitCode: not 0 })
            {
                failed.Add(check);
            }
        }

        // A check that fails is a fact about the change, not a fault of the run: the evidence says so.
        await running.EndAsync(PhaseState.Completed, failed.Count == 0 ? null : $"Failed: {string.Join(", ", failed)}", null, cancellationToken);
    }

    private Task<Item.CommandExecution> CommandAsync(string script, CancellationToken cancellationToken) => HostCommand.RunAsync(
        _sandbox!,
        script,
        _before.Ids,
        AppendAsync,
        itemId => files.CreateOutput(running.Id, itemId),
        (long)options.OutputMiB << 20,
        time,
        cancellationToken);

    private async Task CheckpointAsync(CancellationToken cancellationToken)
    {
        if (job.Task.Mode is TaskMode.Ask)
        {
            return;
        }

        await _checkpointing.WaitAsync(cancellationToken);
        try
        {
            if (await _workspace!.CheckpointAsync(_sandbox!, $"Turn {job.Turn.Number}", cancellationToken) is not { } saved)
            {
                return;
            }

            var events = saved.Notices.Select(notice => (AgentEvent)new AgentEvent.ItemCompleted(new Item.Notice(_before.Ids.Next(), "workspace", notice))).ToList();
            if (saved.Changed)
            {
                var summary = await workspaces.SummariseAsync(job.Task, job.Task.MergedInto(job.Attempt.Id) ?? _baseCommit, saved.Commit, cancellationToken);
                events.Add(new AgentEvent.Checkpoint(saved.Commit, summary.Files.Count, summary.Added, summary.Removed));
            }

            await AppendAsync(events, cancellationToken);
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
            await AppendAsync([new AgentEvent.ItemCompleted(new Item.Notice(_before.Ids.Next(), "workspace", "The last changes could not be added to the diff. They are kept in the workspace, and a follow-up shows them."))], CancellationToken.None);
        }
    }

    private async ValueTask AppendAsync(IReadOnlyList<AgentEvent> events, CancellationToken cancellationToken)
    {
        if (events.Any(e => e is AgentEvent.ItemCompleted { Item: Item.AgentMessage { Final: true } }))
        {
            events = await Task.WhenAll(events.Select(e => VerifiedAsync(e, cancellationToken)));
        }

        _evidence.Add(events);
        await running.AppendAsync(events, cancellationToken);
    }

    // Citations that point at nothing are gone before anybody sees the message.
    private async Task<AgentEvent> VerifiedAsync(AgentEvent @event, CancellationToken cancellationToken) =>
        @event is AgentEvent.ItemCompleted { Item: Item.AgentMessage { Final: true } message }
            ? new AgentEvent.ItemCompleted(await findings.VerifyAsync(ForPeople(message), _evidence.Events(), job.Task.Repository.Key, _workspace?.LastCommit ?? _baseCommit, cancellationToken))
            : @event;

    // A review ends with JSON; the conversation keeps that, people read what it says.
    private Item.AgentMessage ForPeople(Item.AgentMessage message) =>
        ModeOfTurn is AgentMode.Review && ReviewReport.Parse(message.Text).Report is { } report ? message with { Text = report.ToMarkdown() } : message;

    private async Task<string?> EvidenceLineAsync(IReadOnlyList<AgentEvent> last)
    {
        if (job.Task.Mode is TaskMode.Ask || _baseCommit.Length == 0)
        {
            return null;
        }

        return (await EvidenceAsync(last, CancellationToken.None)).Line;
    }

    private async Task<Evidence> EvidenceAsync(IReadOnlyList<AgentEvent> last, CancellationToken cancellationToken) => Evidence.Of(
        _evidence.Events().Concat(last), job.Environment.Checks, await findings.InstructionsAsync(job.Task.Repository.Key, _baseCommit, cancellationToken));

    private string? Notes() => job.Environment.Checks.Count == 0 || ModeOfTurn is AgentMode.Review
        ? null
        : $"The environment names these checks; run them before you report:\n{string.Join('\n', job.Environment.Checks.Select(check => $"- `{check}`"))}";
}
