using System.Globalization;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Tools;

namespace CodexWeb.Agent;

/// <summary>One turn of the agent: ask the model, run the tools it asks for, append, repeat, until it answers without asking for any.</summary>
public sealed class AgentLoop
{
    private const int MostNudges = 3;

    private readonly AgentTurn _turn;
    private readonly TurnLog _log;
    private readonly CommandSessions _commands;
    private readonly ToolSet _tools;
    private readonly ToolCalls _calls;
    private readonly ModelQuestion _question;
    private readonly PromptBuilder _prompt;
    private readonly List<SteeringMessage> _queued = [];
    private Task _checkpoint = Task.CompletedTask;
    private TokenUsage _used;
    private int _nudges;

    private AgentLoop(AgentTurn turn, TurnLog log, CommandSessions commands, TimeProvider time)
    {
        (_turn, _log, _commands, _used) = (turn, log, commands, turn.UsedBefore);
        _tools = new ToolSet(turn, log, commands);
        _calls = new ToolCalls(_tools, new ApprovalGate(turn, log), log);
        _question = new ModelQuestion(turn, log, time);
        _prompt = new PromptBuilder(turn);
    }

    /// <summary>Runs a turn to its end. Logs <c>turn.started</c> (unless it is continued) and <c>turn.completed</c> or <c>turn.failed</c>.</summary>
    /// <exception cref="OperationCanceledException">The token stopped it, within a second. Everything is in the log but an end of the turn, which is the host's to write.</exception>
    public static async Task<TurnOutcome> RunAsync(AgentTurn turn, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        using var log = new TurnLog(turn.Append, turn.Ids, time, cancellationToken);
        await using var commands = new CommandSessions(turn, log, time);
        var loop = new AgentLoop(turn, log, commands, time);
        try
        {
            await loop.BeginAsync(cancellationToken);
            return await loop.StepsAsync(cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            await loop.InterruptAsync();
            throw new OperationCanceledException(cancellationToken);
        }
        catch (ModelException failure)
        {
            return await loop.FailAsync(FailureText.Of(failure, turn.Model), failure.Failure);
        }
        catch (SandboxException failure)
        {
            return await loop.FailAsync(failure.Message, failure: null);
        }
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (_turn.Prompt is not { } prompt)
        {
            return;
        }

        var source = _turn.Number == 1 ? "prompt" : "follow_up";
        var (given, notices) = await _prompt.InstructionsAsync(_log.Ids, cancellationToken);
        await AppendAsync(
            [new AgentEvent.TurnStarted(_turn.Number), new AgentEvent.ItemCompleted(new Item.UserMessage(_log.Ids.Next(), prompt, source)), .. notices],
            [.. _turn.History.AbortedResults(), .. given, new ConversationEntry.User(prompt)]);
    }

    private async Task<TurnOutcome> StepsAsync(CancellationToken cancellationToken)
    {
        if (_turn.History.OpenCalls() is { Count: > 0 } unbegun)
        {
            // The server ended while a person was asked.
            await RunCallsAsync(unbegun, cancellationToken);
        }

        await SteerAsync();
        if (_turn.Prompt is null && _turn.History.Answer is { } given && _turn.Output?.Problem(given) is null)
        {
            // The server ended between the answer and the end of the turn.
            return await CompleteAsync([], [], given);
        }

        for (var step = 0; step < _turn.Limits.Steps; step++)
        {
            await SteerAsync();
            var answer = await _question.AskAsync(_prompt.Request(_tools.Definitions), cancellationToken);
            _used += answer.Usage;
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

        return await StopAtLimitAsync();
    }

    private async Task RunToolsAsync(ModelAnswer answer, CancellationToken cancellationToken)
    {
        _nudges = 0;
        var entries = _turn.History.WithOwnCallIds(answer.Entries);
        await AppendAsync([.. Completed(answer, final: false), .. CutNotice(answer), Usage(answer)], entries);
        await _checkpoint;
        await RunCallsAsync([.. entries.OfType<ConversationEntry.ToolCall>()], cancellationToken);
    }

    private async Task RunCallsAsync(IReadOnlyList<ConversationEntry.ToolCall> calls, CancellationToken cancellationToken)
    {
        var outcome = await _calls.RunAsync(calls, cancellationToken);
        _turn.History.AddResults(outcome.Results);
        cancellationToken.ThrowIfCancellationRequested();
        await RefuseDeadSandboxAsync();
        _checkpoint = outcome.MayHaveChangedFiles ? _turn.Checkpoint(cancellationToken) : Task.CompletedTask;
        var (given, notices) = await _prompt.InstructionsAsync(outcome.Folders, _log.Ids, cancellationToken);
        await AppendAsync(notices, given);
    }

    /// <summary>An answer that asks for no tool: the end, unless it is empty, was cut, or a person has written meanwhile.</summary>
    private async Task<TurnOutcome?> ConcludeAsync(ModelAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.OutputLimitReached || string.IsNullOrWhiteSpace(answer.Text))
        {
            var nudge = answer.OutputLimitReached ? PromptBuilder.GoOnAfterCut : PromptBuilder.GoOnAfterNothing;
            await AppendAsync([.. Completed(answer, final: false), .. CutNotice(answer), Usage(answer)], [.. answer.Entries, new ConversationEntry.User(nudge)]);
            return ++_nudges < (answer.OutputLimitReached ? MostNudges : 2)
                ? null
                : throw new ModelException(ModelFailure.Refused, answer.OutputLimitReached ? "Its answers were cut at its output limit again and again." : "It answered nothing, twice.");
        }

        if (Queued().Count > 0)
        {
            await AppendAsync([.. Completed(answer, final: false), Usage(answer)], answer.Entries);
            return null;
        }

        if (_turn.Output?.Problem(answer.Text) is { } problem)
        {
            return await SendBackAsync(answer, problem);
        }

        if (_turn.Sandbox.Ended.IsCompleted)
        {
            await AppendAsync([.. Completed(answer, final: false), Usage(answer)], answer.Entries);
            await RefuseDeadSandboxAsync();
        }

        var ran = await _commands.StopAllAsync("The turn ended while it ran.");
        await _checkpoint;
        _checkpoint = ran.Count > 0 && _turn.Mode is AgentMode.Code ? _turn.Checkpoint(cancellationToken) : Task.CompletedTask;
        await _checkpoint;
        return await CompleteAsync([.. Completed(answer, final: true), Usage(answer)], answer.Entries, answer.Text);
    }

    /// <summary>A final message of another form than was asked for: the model is told once, then it is the turn's failure.</summary>
    private async Task<TurnOutcome?> SendBackAsync(ModelAnswer answer, string problem)
    {
        if (_turn.History.Entries.Any(PromptBuilder.IsCorrection))
        {
            await AppendAsync([.. Completed(answer, final: false), Usage(answer)], answer.Entries);
            return await FailAsync($"The model's final message could not be used, and its correction neither. {problem} Retry asks it again; a larger model may do better.", failure: null);
        }

        var notice = new Item.Notice(_log.Ids.Next(), "retry", $"The model's final message could not be used: {problem} It is asked to write it again.");
        await AppendAsync([.. Completed(answer, final: false), Usage(answer), new AgentEvent.ItemCompleted(notice)], [.. answer.Entries, PromptBuilder.Correction(problem)]);
        return null;
    }

    private async Task RefuseDeadSandboxAsync()
    {
        if (_turn.Sandbox.Ended.IsCompleted)
        {
            throw new SandboxException($"{await _turn.Sandbox.Ended} What was changed until then is kept; a follow-up goes on in a new sandbox.");
        }
    }

    private async Task<TurnOutcome> CompleteAsync(IReadOnlyList<AgentEvent> events, IReadOnlyList<ConversationEntry> entries, string text)
    {
        await AppendAsync([.. events, .. ClosedPlan(), new AgentEvent.TurnCompleted(_turn.Number, _used)], entries);
        return new TurnOutcome.Completed(text, _used);
    }

    private async Task<TurnOutcome> FailAsync(string message, ModelFailure? failure)
    {
        await EndAsync([new AgentEvent.ItemCompleted(new Item.Error(_log.Ids.Next(), message)), new AgentEvent.TurnFailed(_turn.Number, message)], []);
        return new TurnOutcome.Failed(message, failure, _used);
    }

    private async Task<TurnOutcome> StopAtLimitAsync()
    {
        var message = string.Create(CultureInfo.InvariantCulture, $"The turn reached its limit of {_turn.Limits.Steps} model requests. What was changed is kept; a follow-up goes on from here.");
        await EndAsync([new AgentEvent.ItemCompleted(new Item.Notice(_log.Ids.Next(), "limit", message)), new AgentEvent.TurnFailed(_turn.Number, message)], []);
        return new TurnOutcome.LimitReached(message, _used);
    }

    private async Task InterruptAsync()
    {
        var ran = await _commands.StopAllAsync("The person stopped the turn.");
        await EndAsync([], [new ConversationEntry.User(PromptBuilder.Interrupted(ran, _question.Unfinished))]);
    }

    /// <summary>Closes what is open and adds the last events, in one batch.</summary>
    private async Task EndAsync(IReadOnlyList<AgentEvent> events, IReadOnlyList<ConversationEntry> entries)
    {
        await _commands.StopAllAsync("The turn ended while it ran.");
        await _checkpoint.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var open = _question.Unfinished.Select(static item => new AgentEvent.ItemCompleted(item));
        await AppendAsync([.. open, .. ClosedPlan(), .. events], [.. _turn.History.AbortedResults(), .. entries]);
    }

    private async Task SteerAsync()
    {
        foreach (var message in Queued().ToList())
        {
            await AppendAsync([new AgentEvent.ItemCompleted(new Item.UserMessage(message.ItemId, message.Text, "steer"))], [new ConversationEntry.User(message.Text)]);
            _queued.Remove(message);
        }
    }

    /// <summary>Messages that wait for their place, whether the host gives each once or until it is delivered.</summary>
    private List<SteeringMessage> Queued()
    {
        _queued.AddRange(_turn.TakeSteering().Where(message => !_queued.Contains(message)));
        return _queued;
    }

    /// <summary>Stores events and the entries they belong to in one batch, then adds the entries to the conversation.</summary>
    private async Task AppendAsync(IReadOnlyList<AgentEvent> events, IReadOnlyList<ConversationEntry> entries)
    {
        await _log.AppendAsync(entries.Count == 0 ? events : [.. events, new AgentEvent.HistoryAppended(entries)]);
        _turn.History.Add(entries);
    }

    private static IEnumerable<AgentEvent> Completed(ModelAnswer answer, bool final)
    {
        var last = final ? answer.Items.OfType<Item.AgentMessage>().LastOrDefault() : null;
        return answer.Items.Select(item => new AgentEvent.ItemCompleted(item is Item.AgentMessage message && item == last ? message with { Final = true } : item));
    }

    private IEnumerable<AgentEvent> CutNotice(ModelAnswer answer) =>
        answer.OutputLimitReached ? [new AgentEvent.ItemCompleted(new Item.Notice(_log.Ids.Next(), "limit", "The model's answer was cut at its output limit; it is asked to go on."))] : [];

    private IEnumerable<AgentEvent> ClosedPlan() => _tools.Plan is { } plan ? [new AgentEvent.ItemCompleted(plan)] : [];

    private AgentEvent.UsageReported Usage(ModelAnswer answer) => new(
        answer.Usage,
        _turn.ContextWindow is > 0 and var window ? (int)Math.Clamp((answer.Usage.InputTokens + answer.Usage.OutputTokens) * 100 / window, 0, 100) : null);
}
