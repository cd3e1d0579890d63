using System.Globalization;
using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.Models;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CodexWeb.Attempts;

/// <summary>Runs one turn of an attempt from its workspace to its end: workspace, sandbox, set-up, agent, checks, evidence. Releases all it took.</summary>
public sealed class AttemptRunner(
    IDbContextFactory<CodexDb> databases,
    AttemptLog log,
    AttemptFiles files,
    MessageFiles messages,
    AttemptFindings findings,
    AttemptWorkspaces workspaces,
    ModelCatalog models,
    Approvals approvals,
    McpServerSpecs servers,
    IPatchReader patches,
    IAttemptSignals signals,
    IOptions<AttemptOptions> options,
    TimeProvider time)
{
    /// <summary>Runs the turn the attempt waits for, or goes on with one that had begun.</summary>
    /// <param name="stop">A person asks to stop: the attempt settles as Cancelled, with what it changed.</param>
    /// <param name="shutdown">The server ends: nothing more is stored, and the attempt is left for the next start.</param>
    /// <exception cref="OperationCanceledException">The server ends.</exception>
    public async Task RunAsync(Attempt attempt, CancellationToken stop, CancellationToken shutdown)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        var job = await LoadAsync(attempt, shutdown);
        var model = models.Find(attempt.Model);
        using var clock = new WorkClock(options.Value.WallClock, time);
        var running = new RunningAttempt(attempt.Id, attempt.TaskId, model?.Price, log, signals, time, shutdown) { TakeWorked = clock.Take };
        var questions = new AttemptQuestions(running, clock, approvals, signals, time);
        await using (var run = new AttemptRun(job, running, workspaces, files, findings, options.Value, time))
        {
            await using var budget = new BudgetWatch(databases, job, questions, clock, time);
            var end = await WorkAsync(run, job, model, questions, budget, clock.Reached, stop, shutdown);
            await budget.EndAsync();
            await approvals.WithdrawAsync(attempt.Id, CancellationToken.None);
            await run.SettleAsync(end);
        }

        await StartQueuedMessagesAsync(attempt, shutdown);
    }

    private async Task<AttemptEnd> WorkAsync(AttemptRun run, AttemptJob job, ModelEntry? model, AttemptQuestions questions, BudgetWatch budget, CancellationToken wallClock, CancellationToken stop, CancellationToken shutdown)
    {
        if (model is null && job.Turn.Patch is null)
        {
            return AttemptEnd.Failed($"The model '{job.Attempt.Model}' is not in the settings any more. Retry with another model.");
        }

        using var any = CancellationTokenSource.CreateLinkedTokenSource(stop, shutdown, wallClock, budget.Stopped);
        string WhyStopped() => stop.IsCancellationRequested || budget.Stopped.IsCancellationRequested ? "The person stopped the turn" : $"The turn reached its {WallClock}";
        try
        {
            return await run.RunAsync(turn => job.Turn.Patch is null ? TurnAsync(turn, model!, questions, budget, WhyStopped, any.Token) : new PatchTurn(job.Turn, patches).RunAsync(turn, any.Token), any.Token);
        }
        catch (OperationCanceledException) when (any.IsCancellationRequested)
        {
            shutdown.ThrowIfCancellationRequested();
            return stop.IsCancellationRequested
                ? AttemptEnd.Cancelled("Stopped. What it changed is kept; a follow-up goes on from there.")
                : budget.Stopped.IsCancellationRequested
                ? AttemptEnd.Cancelled("Stopped: the task's budget is used up. What it changed is kept; raise the budget, and a follow-up goes on from there.")
                : AttemptEnd.Failed($"It reached its {WallClock}. What it changed is kept; Retry or a follow-up goes on from there.");
        }
        catch (Exception exception) when (exception is WorkspaceException or SandboxException or RepositoryException or ProcessException)
        {
            // What became of the files or the sandbox in the middle of the work: their messages say it and what to do.
            return AttemptEnd.Failed(exception.Message, "What was recorded until then is kept. Retry goes on from there.");
        }
    }

    private string WallClock => string.Create(CultureInfo.InvariantCulture, $"limit of {options.Value.WallClock.TotalMinutes:0.##} minutes for a turn");

    private async Task<TurnOutcome> TurnAsync(PreparedTurn turn, ModelEntry model, AttemptQuestions questions, BudgetWatch budget, Func<string> whyStopped, CancellationToken cancellationToken)
    {
        var running = questions.Attempt;
        budget.Begin(turn);
        IModelClient client;
        try
        {
            client = models.ClientOf(model);
        }
        catch (ModelException exception)
        {
            return new TurnOutcome.Failed(exception.Message, exception.Failure, default);
        }

        var sent = turn.Prompt is null ? null : await SentAsync(running.Task, turn.Number, cancellationToken);
        return await AgentLoop.RunAsync(
            new AgentTurn
            {
                Number = turn.Number,
                Prompt = sent?.OutsideText is { } outside ? $"{turn.Prompt}\n\n{outside}" : turn.Prompt,
                Attachments = sent is null ? [] : await messages.KeepAsync(running.Id, [.. sent.Attachments.Select(AttachmentId.From)], cancellationToken),
                Images = files.ImagesOf(running.Id),
                TakesImages = model.Images,
                Mode = turn.Mode,
                Client = client,
                Model = model.Name,
                Reasons = model.Reasoning,
                ReasoningEffort = turn.ReasoningEffort,
                CacheKey = running.Id.ToString(),
                ContextWindow = model.ContextWindow,
                CompactAt = options.Value.CompactAt,
                TakeCompactRequest = token => CompactRequestedAsync(running.Id, token),
                HostFacts = turn.HostFacts,
                WhyStopped = whyStopped,
                History = turn.History,
                Facts = turn.Facts,
                Ids = turn.Ids,
                UsedBefore = turn.UsedBefore,
                Sandbox = turn.Sandbox,
                Append = turn.Append,
                Approval = turn.Approval,
                // Nobody waits beside a review.
                Ask = turn.Mode is AgentMode.Review ? null : questions.AskAsync,
                Asked = turn.Asked,
                BeforeRequest = budget.BeforeRequestAsync,
                WrapsUp = () => budget.WrapsUp,
                TakeSteering = () => QueuedMessages(running.Id),
                Checkpoint = turn.Checkpoint,
                OpenOutput = itemId => files.CreateOutput(running.Id, itemId),
                GlobalInstructions = workspaces.GlobalInstructions(),
                EnvironmentNotes = turn.EnvironmentNotes,
                McpServers = servers.Of(turn.Environment),
                Egress = servers.Egress,
                Output = turn.Mode is AgentMode.Review ? ReviewReport.Schema : null,
                Limits = new AgentLimits { Steps = options.Value.MaxSteps, OutputBytes = (long)options.Value.OutputMiB << 20 },
            },
            time,
            cancellationToken);
    }

    private async Task<AttemptJob> LoadAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var task = await db.Tasks.AsNoTracking().Include(t => t.Repository).SingleAsync(t => t.Id == attempt.TaskId, cancellationToken);
        var turn = await db.Turns.AsNoTracking().SingleAsync(t => t.TaskId == attempt.TaskId && t.Number == attempt.TurnNumber, cancellationToken);
        var environment = await db.Environments.AsNoTracking().SingleAsync(e => e.Id == task.EnvironmentId, cancellationToken);
        return new AttemptJob(attempt, task, turn, environment, await log.EventsAsync(attempt.Id, cancellationToken));
    }

    private async Task<Turn> SentAsync(TaskId task, int number, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Turns.AsNoTracking().SingleAsync(t => t.TaskId == task && t.Number == number, cancellationToken);
    }

    private List<SteeringMessage> QueuedMessages(AttemptId attempt)
    {
        using var db = databases.CreateDbContext();
        return [.. db.QueuedMessages.AsNoTracking().Where(m => m.AttemptId == attempt).OrderBy(m => m.Position).AsEnumerable().Select(m => new SteeringMessage(SteeringId.Of(m.Id), m.Text, messages.Kept(m.Attachments)))];
    }

    private async Task<bool> CompactRequestedAsync(AttemptId attempt, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Attempts.AsNoTracking().AnyAsync(a => a.Id == attempt && a.CompactRequested, cancellationToken);
    }

    // What was sent in the very last moment starts the next turn.
    private async Task StartQueuedMessagesAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var waiting = await db.QueuedMessages.AsNoTracking().Where(m => m.AttemptId == attempt.Id).OrderBy(m => m.Position).ToListAsync(cancellationToken);
        var completed = await db.Attempts.AnyAsync(a => a.Id == attempt.Id && a.Status == AttemptStatus.Completed, cancellationToken);
        if (waiting.Count == 0 || !completed)
        {
            return;
        }

        var number = await db.Turns.Where(t => t.TaskId == attempt.TaskId).MaxAsync(t => t.Number, cancellationToken) + 1;
        var now = time.GetUtcNow();
        await log.AppendAsync(attempt.Id, [new AgentEvent.StatusChanged(AttemptStatus.Queued, Attempt.Waiting), new AgentEvent.PhaseChanged(AttemptPhase.Queue, PhaseState.Started)], async row =>
        {
            row.Add(new Turn { TaskId = attempt.TaskId, Number = number, AttemptId = attempt.Id, Prompt = string.Join("\n\n", waiting.Select(m => m.Text)), Attachments = [.. waiting.SelectMany(m => m.Attachments)], CreatedAt = now });
            await row.QueuedMessages.Where(m => m.AttemptId == attempt.Id).ExecuteDeleteAsync();
            (await row.Attempts.SingleAsync(a => a.Id == attempt.Id)).Requeue(number, resumes: false, now);
            await row.SaveChangesAsync();
        }, cancellationToken);
        signals.TaskChanged(attempt.TaskId);
    }
}

/// <summary>What an attempt has to do, as it stands in the database.</summary>
/// <param name="Events">Its whole log.</param>
public sealed record AttemptJob(Attempt Attempt, CodexTask Task, Turn Turn, CodexEnvironment Environment, IReadOnlyList<AgentEvent> Events);

/// <summary>How a run ended.</summary>
/// <param name="Cause">For a failure: what the phase says; null for the reason.</param>
/// <param name="Fix">For a failure: what to do.</param>
public sealed record AttemptEnd(AttemptStatus Status, string Reason, string? Cause = null, string? Fix = null)
{
    /// <summary>It is done.</summary>
    public static AttemptEnd Completed(string reason) => new(AttemptStatus.Completed, reason);

    /// <summary>A person stopped it.</summary>
    public static AttemptEnd Cancelled(string reason) => new(AttemptStatus.Cancelled, reason);

    /// <summary>It could not go on.</summary>
    public static AttemptEnd Failed(string reason, string? fix = null) => new(AttemptStatus.Failed, reason, reason, fix);
}
