using System.Globalization;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>Asks the model and repeats what can be repeated, in the open: each retry stands in the log with its cause and its time.</summary>
/// <param name="log">Where people read of retries.</param>
/// <param name="answers">Where they see the answer grow: <paramref name="log"/>, or <see cref="TurnLog.Unseen"/> for an answer that is not meant for them.</param>
internal sealed class ModelQuestion(AgentTurn turn, TurnLog log, TurnLog answers, TimeProvider time)
{
    private AnswerDraft? _draft;
    private bool _saidEstimated;

    /// <summary>What is shown of an answer that did not come to its end.</summary>
    public IReadOnlyList<Item> Unfinished => _draft?.Items() ?? [];

    /// <summary>Forgets an answer that did not come to its end, and gives the ids of what was shown of it: a notice says that they are dropped.</summary>
    public IReadOnlyList<string> Discard()
    {
        var shown = _draft?.Shown ?? [];
        _draft = null;
        return shown;
    }

    /// <summary>Asks until there is a complete answer.</summary>
    /// <exception cref="ModelException">It cannot be repeated, or was repeated often enough.</exception>
    public async Task<ModelAnswer> AskAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        var retries = new Retries(turn.Limits);
        while (true)
        {
            if (retries.Count > 0)
            {
                // The first of a step is held before the step begins.
                await turn.BeforeRequest(cancellationToken);
            }

            var draft = _draft = new AnswerDraft(answers, time);
            try
            {
                var answer = await draft.ReadAsync(turn.Client.StreamAsync(request, cancellationToken), cancellationToken);
                _draft = null;
                await TellEstimateAsync(answer);
                return answer;
            }
            catch (ModelException failure) when (!cancellationToken.IsCancellationRequested && retries.Next(failure, draft.Began) is { } wait)
            {
                var shown = Discard();
                await TellAsync(failure, answers == log ? shown : [], wait, retries.Count);
                await Task.Delay(wait, time, cancellationToken);
            }
        }
    }

    private async Task TellAsync(ModelException failure, IReadOnlyList<string> discards, TimeSpan wait, int count)
    {
        var until = time.GetUtcNow() + wait;
        var text = string.Create(CultureInfo.InvariantCulture, $"{Sentence(failure.Message)} Asking again in {wait.TotalSeconds:0.#} s, at {until:HH:mm:ss} UTC (retry {count}).");
        await log.AppendAsync(new AgentEvent.ItemCompleted(new Item.Notice(log.Ids.Next(), "retry", text, discards.Count > 0 ? discards : null, until)));
    }

    /// <summary>Says once in a turn that tokens and cost are not the provider's count.</summary>
    private async Task TellEstimateAsync(ModelAnswer answer)
    {
        if (answer.UsageEstimated && !_saidEstimated)
        {
            _saidEstimated = true;
            await log.AppendAsync(new AgentEvent.ItemCompleted(new Item.Notice(
                log.Ids.Next(), "usage", "The model's provider counts no tokens. Tokens and cost of this turn are estimated: 4 bytes as one token, none of them from a cache.")));
        }
    }

    private static string Sentence(string message) => message is [.., '.' or '!' or '?' or '…'] ? message : message + ".";
}
