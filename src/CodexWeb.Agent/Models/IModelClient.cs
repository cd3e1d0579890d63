using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>A model behind one wire protocol.</summary>
public interface IModelClient
{
    /// <summary>Asks once and streams the answer. Does not retry.</summary>
    /// <exception cref="ModelException">The provider refused, failed, or the stream broke off before its end.</exception>
    IAsyncEnumerable<ModelUpdate> StreamAsync(ModelRequest request, CancellationToken cancellationToken);
}

/// <summary>One request. The same attempt's next request repeats this one's input as its prefix.</summary>
/// <param name="Model">The provider's name of the model.</param>
/// <param name="ReasoningEffort">As the provider names it (<c>low</c>, <c>medium</c>, <c>high</c>…); null for the provider's default.</param>
/// <param name="Instructions">The system prompt.</param>
/// <param name="Input">The whole conversation.</param>
/// <param name="Tools">What the model may call.</param>
/// <param name="CacheKey">The same for all requests of an attempt.</param>
/// <param name="Reasons">True when the model's entry says that it reasons: only then may effort, summaries and encrypted reasoning be asked for.</param>
/// <param name="Output">What the provider holds the model's messages to; null for free text.</param>
/// <param name="Images">Where the images of <paramref name="Input"/> are; null when the model takes none: it reads a line of text in place of each.</param>
public sealed record ModelRequest(
    string Model,
    string? ReasoningEffort,
    string Instructions,
    IReadOnlyList<ConversationEntry> Input,
    IReadOnlyList<ToolDefinition> Tools,
    string CacheKey,
    bool Reasons = false,
    OutputSchema? Output = null,
    ImageFolder? Images = null);

/// <summary>A tool as the model is told of it.</summary>
public abstract record ToolDefinition(string Name, string Description)
{
    /// <summary>Arguments are a JSON object.</summary>
    /// <param name="Schema">JSON Schema of the arguments.</param>
    public sealed record Function(string Name, string Description, string Schema) : ToolDefinition(Name, Description);

    /// <summary>The argument is free text in a Lark grammar.</summary>
    public sealed record Custom(string Name, string Description, string Grammar) : ToolDefinition(Name, Description);
}

/// <summary>A piece of a streamed answer.</summary>
public abstract record ModelUpdate
{
    /// <summary>More of a message's text.</summary>
    /// <param name="ItemKey">The same for all pieces of one message, and for its <see cref="EntryCompleted"/>.</param>
    public sealed record TextDelta(string ItemKey, string Text) : ModelUpdate;

    /// <summary>More of a reasoning summary.</summary>
    public sealed record ReasoningDelta(string ItemKey, string Text) : ModelUpdate;

    /// <summary>A message, a reasoning item or a tool call is complete.</summary>
    public sealed record EntryCompleted(string ItemKey, ConversationEntry Entry) : ModelUpdate;

    /// <summary>The request is not sent yet; comes before anything else.</summary>
    /// <param name="Reason">For people, a sentence.</param>
    public sealed record Waiting(string Reason) : ModelUpdate;

    /// <summary>The answer is at its end; the last update.</summary>
    /// <param name="OutputLimitReached">True when the provider cut the answer at its output limit: a message may stop in mid-sentence, a call begun may be missing.</param>
    /// <param name="UsageEstimated">True when the provider gave no count and <paramref name="Usage"/> is what <see cref="TokenEstimate"/> makes of the bytes.</param>
    public sealed record Completed(TokenUsage Usage, bool OutputLimitReached = false, bool UsageEstimated = false) : ModelUpdate;
}

/// <summary>What went wrong with a request.</summary>
public enum ModelFailure
{
    /// <summary>429: wait and ask again.</summary>
    RateLimited,

    /// <summary>5xx, no connection, or a stream that broke off or fell silent: ask again.</summary>
    Unavailable,

    /// <summary>401 or 403: the key is wrong or lacks a right.</summary>
    Denied,

    /// <summary>400 and other refusals, the provider's policy among them.</summary>
    Refused,

    /// <summary>The account's quota or credit is used up.</summary>
    QuotaExceeded,

    /// <summary>The conversation is longer than the model's window.</summary>
    ContextTooLong,

    /// <summary>The model is not set up on this server any more: another one has to be chosen.</summary>
    Gone,
}

/// <summary>A request to a model failed.</summary>
/// <param name="message">The provider's own message where there is one.</param>
public sealed class ModelException(ModelFailure failure, string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What went wrong.</summary>
    public ModelFailure Failure { get; } = failure;

    /// <summary>How long the provider asks to wait, from <c>Retry-After</c> or its message; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>True when asking again can help.</summary>
    public bool Transient => Failure is ModelFailure.RateLimited or ModelFailure.Unavailable;
}
