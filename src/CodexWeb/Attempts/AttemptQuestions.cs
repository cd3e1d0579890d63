using CodexWeb.Agent;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Attempts;

/// <summary>Asks people on behalf of one run, and waits as long as it takes. Several questions may wait at once; the attempt works again when the last is answered.</summary>
internal sealed class AttemptQuestions(RunningAttempt running, WorkClock clock, Approvals approvals, IAttemptSignals signals, TimeProvider time)
{
    private int _waiting;

    /// <summary>Who asks.</summary>
    public RunningAttempt Attempt => running;

    /// <summary>See <see cref="AskPerson"/>.</summary>
    public async Task<ApprovalAnswer> AskAsync(Item.Approval question, string? ruleKey, CancellationToken cancellationToken)
    {
        if (ruleKey is not null && await approvals.AllowedAsync(running.Task, ruleKey, cancellationToken) is { } allowed)
        {
            return allowed;
        }

        // Followed before the question is put: an answer that comes at once wakes the wait.
        using var answered = signals.FollowLog(running.Id);
        using (clock.Pause())
        {
            Interlocked.Increment(ref _waiting);
            try
            {
                var asked = await approvals.IsAskedAsync(running.Id, question.Id, cancellationToken);
                await running.AskAsync(question, asked ? null : Approval.Ask(running.Id, question, ruleKey, time), ApprovalWords.NextStep(question), cancellationToken);
                return await WaitAsync(question.Id, answered, cancellationToken);
            }
            finally
            {
                if (Interlocked.Decrement(ref _waiting) == 0 && !cancellationToken.IsCancellationRequested)
                {
                    await running.GoOnAsync(cancellationToken);
                }
            }
        }
    }

    private async Task<ApprovalAnswer> WaitAsync(string itemId, Subscription log, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await approvals.AnswerAsync(running.Id, itemId, cancellationToken) is { } answer)
            {
                return answer;
            }

            await log.WaitAsync(cancellationToken);
        }
    }
}
