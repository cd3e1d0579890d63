using System.Globalization;
using System.Text;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Tools;

namespace CodexWeb.Agent.Models;

/// <summary>
/// Begins a conversation anew before it outgrows the model's window: the instructions, the person's newest messages, the server's facts and the model's own hand-over take
/// its place. All of that is stored in one batch, so that a server that ends in the middle finds the old conversation or the new one.
/// </summary>
internal sealed class Compaction(AgentTurn turn, TurnLog log, TurnRecord record, PromptBuilder prompt, TimeProvider time)
{
    private const int MostMessageTokens = 20_000;
    private const int MostSummaryTokens = 8_000;
    private const int MostFactTokens = 6_000;

    private readonly ContextMeter _meter = new(turn, prompt.TokensAround);
    private Item.Notice? _begun;

    /// <summary>True when there is anything in the conversation that a compaction would take away.</summary>
    public bool CanHelp => turn.History.Entries.Any(static entry => entry is not ConversationEntry.User);

    /// <summary>What has no end in the log yet, as it is left when the turn ends in the middle.</summary>
    public IReadOnlyList<Item> Unfinished => _begun is { } notice ? [notice with { Text = "The conversation was not compacted: the turn ended before." }] : [];

    /// <summary>Compacts when the next request would be too long, or a person asked for it.</summary>
    /// <exception cref="ModelException">The model's service fails in a way that would fail the next request too, or what must be kept is too long by itself.</exception>
    public async Task IfDueAsync(CancellationToken cancellationToken)
    {
        var asked = await turn.TakeCompactRequest(cancellationToken);
        if (CanHelp && (asked || _meter.IsFull))
        {
            await RunAsync(asked ? "A person asked for it." : "It came near the limit.", [], Shortening.None, cancellationToken);
        }
        else if (asked)
        {
            // What answers the request is a conversation that begins here, though with the same entries.
            var notice = new Item.Notice(record.Ids.Next(), "compaction", "There is nothing in the conversation yet that could be compacted.");
            await record.ReplaceAsync([new AgentEvent.ItemCompleted(notice)], [.. turn.History.Entries]);
        }
    }

    /// <summary>Compacts after the provider found a request too long.</summary>
    /// <param name="discards">Ids of what was shown of the answer it did not finish.</param>
    /// <exception cref="ModelException">As for <see cref="IfDueAsync"/>.</exception>
    public Task AfterRefusalAsync(IReadOnlyList<string> discards, CancellationToken cancellationToken) =>
        RunAsync("The model could not take it in any more.", discards, Shortening.Outputs, cancellationToken);

    private async Task RunAsync(string cause, IReadOnlyList<string> discards, Shortening shortening, CancellationToken cancellationToken)
    {
        var before = _meter.Tokens;
        _begun = new Item.Notice(record.Ids.Next(), "compaction", $"The conversation is being compacted. {cause}", discards.Count > 0 ? discards : null);
        await record.AppendAsync([new AgentEvent.ItemStarted(_begun)], []);
        var (summary, problem, used) = await HandOverAsync(shortening, cancellationToken);
        var facts = FactSheet.Write(turn.Facts, await turn.HostFacts(cancellationToken), Share(MostFactTokens, 20));
        var (given, notices) = await prompt.InstructionsAnewAsync(record.Ids, cancellationToken);
        IReadOnlyList<ConversationEntry> entries = [.. given, .. HandOver.NewestMessages(turn.History.Entries, Share(MostMessageTokens, 25)), HandOver.Entry(facts, summary)];
        var after = _meter.With(entries);
        var notice = _begun with
        {
            Text = string.Create(CultureInfo.InvariantCulture, $"The conversation was compacted, from about {before:N0} to about {after:N0} tokens. {cause} {problem}What was dropped stays in this log."),
            Detail = HandOver.ForPeople(facts, summary),
        };
        await record.ReplaceAsync([new AgentEvent.ItemCompleted(notice), .. notices, new AgentEvent.UsageReported(used, ContextMeter.Percent(after, turn.ContextWindow))], entries);
        _begun = null;
        if (_meter.IsFull)
        {
            throw new ModelException(ModelFailure.ContextTooLong, string.Create(
                CultureInfo.InvariantCulture, $"Also after a compaction the next request takes about {after:N0} tokens, and the limit is {_meter.Limit:N0}."));
        }
    }

    /// <summary>The model's hand-over. One that cannot be used costs its words, not the turn: those of an earlier hand-over, or the facts alone, stand in its place.</summary>
    private async Task<(string? Summary, string Problem, TokenUsage Used)> HandOverAsync(Shortening shortening, CancellationToken cancellationToken)
    {
        var (text, problem, used) = await AskAsync(shortening, cancellationToken);
        if (problem is null)
        {
            return (OutputBudget.Cut(KeptOutput.Whole(Encoding.UTF8.GetBytes(text.Trim())), (int)Share(MostSummaryTokens, 20)), "", used);
        }

        var earlier = HandOver.LastSummary(turn.History.Entries);
        return (earlier, $"The model's hand-over could not be used ({problem}); {(earlier is null ? "the server's facts stand alone in its place." : "its earlier one and the server's facts stand in its place.")} ", used);
    }

    private async Task<(string Text, string? Problem, TokenUsage Used)> AskAsync(Shortening shortening, CancellationToken cancellationToken)
    {
        using var unseen = TurnLog.Unseen(time, cancellationToken);
        var question = new ModelQuestion(turn, log, unseen, time);
        while (true)
        {
            try
            {
                var answer = await question.AskAsync(prompt.HandOverRequest(Shortened.Of(turn.History.Entries, shortening)), cancellationToken);
                return (answer.Text, answer.Calls.Count > 0 ? "it called a tool" : string.IsNullOrWhiteSpace(answer.Text) ? "it was empty" : null, answer.Usage);
            }
            catch (ModelException failure) when (failure.Failure is ModelFailure.ContextTooLong && shortening < Shortening.All)
            {
                shortening++;
            }
            catch (ModelException failure) when (failure.Failure is ModelFailure.ContextTooLong or ModelFailure.Refused)
            {
                // Other failures would fail the next request too: the conversation is left whole for another try.
                return ("", failure.Message.TrimEnd('.'), default);
            }
        }
    }

    // A part must not fill the window it is to make room in.
    private long Share(int most, int percent) => _meter.Limit is { } limit ? Math.Min(most, limit * percent / 100) : most;
}
