using System.Globalization;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Tools;
using CodexWeb.Agent.Tools.Mcp;

namespace CodexWeb.Agent;

/// <summary>One turn of the agent: ask the model, run the tools it asks for, append, repeat, until it answers without asking for any.</summary>
public sealed class AgentLoop
{
    private const int MostNudges = 3;

    private readonly AgentTurn _turn;
    private readonly CommandSessions _commands;
    private readonly ToolSet _tools;
    private readonly ToolCalls _calls;
    private readonly ModelQuestion _question;
    private readonly PromptBuilder _prompt;
    private readonly Compaction _compaction;
    private readonly CircleWatch _circles;
    private readonly SteeringQueue _steering;
    private readonly TurnRecord _record;
    private readonly RunningCheckpoint _checkpoint;
    private readonly TurnEnd _end;
    private int _nudges;

    private AgentLoop(AgentTurn turn, TurnLog log, CommandSessions commands, TimeProvider time)
    {
        (_turn, _commands) = (turn, commands);
        var gate = new ApprovalGate(turn, log);
        _tools = new ToolSet(turn, log, commands, gate, time);
        _calls = new ToolCalls(_tools, gate, log);
        _question = new ModelQuestion(turn, log, log, time);
        _prompt = new PromptBuilder(turn, _tools.Definitions, time);
        _record = new TurnRecord(turn, log);
        _compaction = new Compaction(turn, log, _record, _prompt, time);
        _circles = new CircleWatch(turn, _record);
        _steering = new SteeringQueue(turn, _record);
        _checkpoint = new RunningCheckpoint(turn);
        _end = new TurnEnd(turn, _record, commands, _tools, _checkpoint);
    }

    /// <summary>Runs a turn to its end. Logs <c>turn.started</c> (unless it is continued) and <c>turn.completed</c> or <c>turn.failed</c>.</summary>
    /// <exception cref="OperationCanceledException">The token stopped it, within a second. Everything is in the log but an end of the turn, which is the host's to write.</exception>
    public static async Task<TurnOutcome> RunAsync(AgentTurn turn, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        turn = turn with { Ask = turn.Facts.Noting(turn.Ask) };
        using var log = new TurnLog(turn.Append, turn.Ids, turn.Facts, time, cancellationToken);
        await using var commands = new CommandSessions(turn, log, time);
        await using var servers = new McpServers(turn, log, time);
        var loop = new AgentLoop(turn, log, commands, time);
        try
        {
            await loop.BeginAsync(cancellationToken);
            loop._tools.Add(await servers.StartAsync(cancellationToken));
            return await loop.StepsAsync(cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            await loop._end.InterruptAsync(turn.WhyStopped(), loop.Unfinished());
            throw new OperationCanceledException(cancellationToken);
        }
        catch (ModelException failure)
        {
            return await loop._end.FailAsync(FailureText.Of(failure, turn.Model), failure.Failure, loop.Unfinished());
        }
        catch (SandboxException failure)
        {
            return await loop._end.FailAsync(failure.Message, failure: null, loop.Unfinished());
        }
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (_turn.Prompt is not { } prompt)
        {
            return;
        }

        var source = _turn.Number == 1 ? "prompt" : "follow_up";
        var (given, notices) = await _prompt.InstructionsAsync(_record.Ids, cancellationToken);
        await _record.AppendAsync(
            [new AgentEvent.TurnStarted(_turn.Number), MessageEntry.ItemOf(_record.Ids.Next(), prompt, source, _turn.Attachments), .. notices],
            [.. _turn.History.AbortedResults(), .. given, MessageEntry.Of(prompt, _turn.Attachments)]);
    }

    private async Task<TurnOutcome> StepsAsync(CancellationToken cancellationToken)
    {
        if (_turn.History.OpenCalls() is { Count: > 0 } unbegun)
        {
            // The server ended while a person was asked.
            await RunCallsAsync(unbegun, cancellationToken);
        }

        await _steering.DeliverAsync();
        if (_turn.Prompt is null && _turn.History.Answer is { } given && _turn.Output?.Problem(given) is null)
        {
            // The server ended between the answer and the end of the turn.
            return await _end.CompleteAsync([], [], given);
        }

        for (var step = 0; step < _turn.Limits.Steps; step++)
        {
            if (await _circles.StopAsync(cancellationToken) is { } reason)
            {
                return await _end.StopAtLimitAsync("loop", reason);
            }

            await _steering.DeliverAsync();
            await _turn.BeforeRequest(cancellationToken);
            if (_turn.WrapsUp())
            {
                return await WrapUpAsync(cancellationToken);
            }

            await _compaction.IfDueAsync(cancellationToken);
            var answer = await AskAsync(cancellationToken);
            if (answer.Calls.Count == 0)
            {
                if (await ConcludeAsync(answer, cancellationToken) is { } outcome)
                {
                    return outcome;
                }
            }
            else
            {
                await RunToolsAsync(answer, cancellationToken);
            }
        }

        return await _end.StopAtLimitAsync("limit", string.Create(
            CultureInfo.InvariantCulture, $"The turn reached its limit of {_turn.Limits.Steps} model requests. What was changed is kept; Retry or a follow-up goes on from here."));
    }

    /// <summary>Asks the model. A conversation it finds too long is compacted, and it is asked once more.</summary>
    private async Task<ModelAnswer> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _question.AskAsync(_prompt.Request(), cancellationToken);
        }
        catch (ModelException failure) when (failure.Failure is ModelFailure.ContextTooLong && _compaction.CanHelp)
        {
            await _compaction.AfterRefusalAsync(_question.Discard(), cancellationToken);
            return await _question.AskAsync(_prompt.Request(), cancellationToken);
        }
    }

    private async Task RunToolsAsync(ModelAnswer answer, CancellationToken cancellationToken)
    {
        _nudges = 0;
        var entries = _turn.History.WithOwnCallIds(answer.Entries);
        await _record.AppendAsync(AnswerEvents.Of(answer, _turn), entries);
        await _checkpoint.WaitAsync();
        await RunCallsAsync([.. entries.OfType<ConversationEntry.ToolCall>()], cancellationToken);
    }

    private async Task RunCallsAsync(IReadOnlyList<ConversationEntry.ToolCall> calls, CancellationToken cancellationToken)
    {
        var outcome = await _calls.RunAsync(calls, cancellationToken);
        _turn.History.AddResults(outcome.Results);
        cancellationToken.ThrowIfCancellationRequested();
        await RefuseDeadSandboxAsync();
        if (outcome.MayHaveChangedFiles)
        {
            _checkpoint.Begin(cancellationToken);
        }

        var (given, notices) = await _prompt.InstructionsAsync(outcome.Folders, _record.Ids, cancellationToken);
        await _record.AppendAsync(notices, given);
    }

    /// <summary>An answer that asks for no tool: the end, unless it is empty, was cut, or a person has written meanwhile.</summary>
    private async Task<TurnOutcome?> ConcludeAsync(ModelAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.OutputLimitReached || string.IsNullOrWhiteSpace(answer.Text) || WrittenCall.Is(answer.Text, _tools.Definitions))
        {
            await NudgeAsync(answer);
            return null;
        }

        if (_steering.Any)
        {
            await _record.AppendAsync(AnswerEvents.Of(answer, _turn), answer.Entries);
            return null;
        }

        if (_turn.Output?.Problem(answer.Text) is { } problem)
        {
            return await SendBackAsync(answer, problem);
        }

        if (_turn.Sandbox.Ended.IsCompleted)
        {
            await _record.AppendAsync(AnswerEvents.Of(answer, _turn), answer.Entries);
            await RefuseDeadSandboxAsync();
        }

        return await FinishAsync(answer, cancellationToken);
    }

    /// <summary>A last word without tools: there is nothing left to spend on more.</summary>
    private async Task<TurnOutcome> WrapUpAsync(CancellationToken cancellationToken)
    {
        await _record.AppendAsync([], [new ConversationEntry.User(PromptBuilder.WrapUp, FromServer: true)]);
        var answer = await _question.AskAsync(_prompt.Request() with { Tools = [] }, cancellationToken);
        if (answer.Calls.Count == 0 && !string.IsNullOrWhiteSpace(answer.Text))
        {
            return await FinishAsync(answer, cancellationToken);
        }

        await _record.AppendAsync(AnswerEvents.Of(answer, _turn), _turn.History.WithOwnCallIds(answer.Entries));
        return await _end.StopAtLimitAsync("budget", "The budget is used up, and the model did not sum up when it was asked to. What was changed is kept; raise the budget, and a follow-up goes on from here.");
    }

    private async Task<TurnOutcome> FinishAsync(ModelAnswer answer, CancellationToken cancellationToken)
    {
        var ran = await _commands.StopAllAsync("The turn ended while it ran.");
        await _checkpoint.WaitAsync();
        if (ran.Count > 0 && _turn.Mode is AgentMode.Code)
        {
            _checkpoint.Begin(cancellationToken);
            await _checkpoint.WaitAsync();
        }

        return await _end.CompleteAsync(AnswerEvents.OfFinal(answer, _turn), answer.Entries, answer.Text);
    }

    /// <summary>Asks the model to go on after an answer that was cut or is empty.</summary>
    private async Task NudgeAsync(ModelAnswer answer)
    {
        var (nudge, most, problem) = answer.OutputLimitReached
            ? (PromptBuilder.GoOnAfterCut, MostNudges, "Its answers were cut at its output limit again and again.")
            : !string.IsNullOrWhiteSpace(answer.Text) ? (WrittenCall.Correction, MostNudges, "It writes its tool calls as text again and again. The model's server may lack the parser or template for its tool calls.")
            : (PromptBuilder.GoOnAfterNothing, 2, "It answered nothing, twice.");
        await _record.AppendAsync(AnswerEvents.Of(answer, _turn), [.. answer.Entries, new ConversationEntry.User(nudge, FromServer: true)]);
        if (++_nudges >= most)
        {
            throw new ModelException(ModelFailure.Refused, problem);
        }
    }

    /// <summary>A final message of another form than was asked for: the model is told once, then it is the turn's failure.</summary>
    private async Task<TurnOutcome?> SendBackAsync(ModelAnswer answer, string problem)
    {
        if (_turn.History.Entries.Any(PromptBuilder.IsCorrection))
        {
            await _record.AppendAsync(AnswerEvents.Of(answer, _turn), answer.Entries);
            return await _end.FailAsync(
                $"The model's final message could not be used, and its correction neither. {problem} Retry asks it again; a larger model may do better.", failure: null, open: []);
        }

        var notice = new Item.Notice(_record.Ids.Next(), "retry", $"The model's final message could not be used: {problem} It is asked to write it again.");
        await _record.AppendAsync([.. AnswerEvents.Of(answer, _turn), new AgentEvent.ItemCompleted(notice)], [.. answer.Entries, PromptBuilder.Correction(problem)]);
        return null;
    }

    private async Task RefuseDeadSandboxAsync()
    {
        if (_turn.Sandbox.Ended.IsCompleted)
        {
            throw new SandboxException($"{await _turn.Sandbox.Ended} What was changed until then is kept; a follow-up goes on in a new sandbox.");
        }
    }

    private IReadOnlyList<Item> Unfinished() => [.. _question.Unfinished, .. _compaction.Unfinished];
}
