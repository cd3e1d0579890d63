using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Attempts;

/// <summary>
/// Looks at a task's budget while one of its attempts works: before each model request, and every few seconds beside long commands. When it is used up the sandbox is frozen,
/// no model is asked, and a person decides.
/// </summary>
internal sealed class BudgetWatch(IDbContextFactory<CodexDb> databases, AttemptJob job, AttemptQuestions questions, WorkClock clock, TimeProvider time) : IAsyncDisposable
{
    private const double WarnAt = 0.8;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _looking = new(1, 1);
    private readonly CancellationTokenSource _stopped = new();
    private readonly CancellationTokenSource _over = new();
    private Task _watching = Task.CompletedTask;
    private PreparedTurn? _turn;
    private bool _warned = job.Events.Any(static logged => logged is AgentEvent.ItemCompleted { Item: Item.Notice { Kind: "budget" } });
    private volatile bool _wrapsUp;

    /// <summary>Cancelled when a person says that the attempt is to stop.</summary>
    public CancellationToken Stopped => _stopped.Token;

    /// <summary>True when a person says that the agent is to sum up and end.</summary>
    public bool WrapsUp => _wrapsUp;

    /// <summary>Begins to look, when the task has a budget or is given one.</summary>
    /// <param name="turn">The turn that works.</param>
    public void Begin(PreparedTurn turn)
    {
        _turn = turn;
        _watching = WatchAsync(_over.Token);
    }

    /// <summary>Holds a model request while there is nothing left.</summary>
    public async ValueTask BeforeRequestAsync(CancellationToken cancellationToken)
    {
        await LookAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        _stopped.Token.ThrowIfCancellationRequested();
    }

    /// <summary>Looks no more and asks no more. Belongs before the attempt comes to rest: an answer that came after would bring it back to work.</summary>
    public async Task EndAsync()
    {
        await _over.CancelAsync();
        await _watching;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _looking.Dispose();
        _stopped.Dispose();
        _over.Dispose();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Between, time, cancellationToken);
                await LookAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The turn is over.
        }
        catch (Exception exception) when (exception is SandboxException or AttemptLogException or DbUpdateException or System.Data.Common.DbException)
        {
            // A sandbox or a log that is gone ends the turn by itself; the next model request looks again.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (_turn is not { } turn || _wrapsUp || _stopped.IsCancellationRequested)
        {
            return;
        }

        await _looking.WaitAsync(cancellationToken);
        try
        {
            var use = await UseAsync(cancellationToken);
            if (use.Share >= 1 && !_wrapsUp && !_stopped.IsCancellationRequested)
            {
                await AskAsync(turn, use, cancellationToken);
            }
            else if (use.Share is >= WarnAt and < 1 && !_warned)
            {
                _warned = true;
                await turn.Append([new AgentEvent.ItemCompleted(new Item.Notice(turn.Ids.Next(), "budget", $"The task has used most of its budget: {use.InWords}. At its end you are asked how to go on."))], cancellationToken);
            }
        }
        finally
        {
            _looking.Release();
        }
    }

    private async Task AskAsync(PreparedTurn turn, BudgetUse use, CancellationToken cancellationToken)
    {
        var before = turn.Asked.LastOrDefault(static asked => asked is { Kind: ApprovalKind.Budget, Decision: null });
        var title = $"The budget is used up: {use.InWords}";
        await turn.Sandbox.FreezeAsync(cancellationToken);
        try
        {
            var answer = await questions.AskAsync(
                before ?? new Item.Approval(turn.Ids.Next(), ApprovalKind.Budget, title, $"{use.InWords} is used. What runs is frozen and no model is asked until you decide."),
                ruleKey: null,
                cancellationToken);
            _warned &= !answer.Allows;
            _wrapsUp = answer.Decision is ApprovalDecision.WrapUp;
            if (!answer.Allows && !_wrapsUp)
            {
                await _stopped.CancelAsync();
            }
        }
        finally
        {
            // Whatever comes next needs the sandbox, the end of a stopped turn too.
            await turn.Sandbox.ThawAsync(CancellationToken.None);
        }
    }

    private async Task<BudgetUse> UseAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var use = await BudgetUse.ReadAsync(db, job.Task.Id, cancellationToken) ?? new BudgetUse(Minutes: null, Cost: null, TimeSpan.Zero, 0);
        // What the row does not have yet.
        return use with { Worked = use.Worked + clock.Untaken };
    }
}
