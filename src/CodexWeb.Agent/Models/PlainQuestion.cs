using System.Text;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>A question to a model without tools, conversation or log, repeated as the requests of a turn are.</summary>
public static class PlainQuestion
{
    /// <summary>Asks until there is a complete answer.</summary>
    /// <param name="repeats">Told of each repetition: why, and after which wait.</param>
    /// <exception cref="ModelException">It cannot be repeated, or was repeated often enough.</exception>
    public static async Task<PlainAnswer> AskAsync(IModelClient client, ModelRequest request, AgentLimits limits, Action<ModelException, TimeSpan> repeats, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(repeats);
        var retries = new Retries(limits);
        while (true)
        {
            var draft = new Draft();
            try
            {
                return await draft.ReadAsync(client.StreamAsync(request, cancellationToken), cancellationToken);
            }
            catch (ModelException failure) when (!cancellationToken.IsCancellationRequested && retries.Next(failure, draft.Began) is { } wait)
            {
                repeats(failure, wait);
                await Task.Delay(wait, time, cancellationToken);
            }
        }
    }

    private sealed class Draft
    {
        private const int LongestAnswer = 4 << 20;

        private readonly StringBuilder _pieces = new();
        private string? _whole;

        public bool Began { get; private set; }

        public async Task<PlainAnswer> ReadAsync(IAsyncEnumerable<ModelUpdate> stream, CancellationToken cancellationToken)
        {
            await foreach (var update in stream.WithCancellation(cancellationToken))
            {
                Began = true;
                switch (update)
                {
                    case ModelUpdate.TextDelta text:
                        _pieces.Append(text.Text);
                        break;
                    case ModelUpdate.EntryCompleted { Entry: ConversationEntry.Assistant { Text.Length: > 0 } message }:
                        _whole = message.Text;
                        break;
                    case ModelUpdate.Completed completed:
                        return new PlainAnswer(_whole ?? _pieces.ToString(), completed.Usage, completed.OutputLimitReached);
                    default:
                        break;
                }

                if (_pieces.Length > LongestAnswer)
                {
                    throw new ModelException(ModelFailure.Refused, $"The model's answer is longer than {LongestAnswer >> 20} MiB, which no answer should be.");
                }
            }

            throw new ModelException(ModelFailure.Unavailable, "The model's answer broke off before its end.");
        }
    }
}

/// <summary>What a model said to a plain question.</summary>
/// <param name="Text">Its message, the last when there are several; empty when it said nothing.</param>
/// <param name="OutputLimitReached">True when the provider cut it.</param>
public sealed record PlainAnswer(string Text, TokenUsage Usage, bool OutputLimitReached);
