using System.Text;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Tools;

namespace CodexWeb.Agent.Models;

/// <summary>How full the model's window is. Estimates count 4 bytes as a token, as the limits of tool output do.</summary>
/// <param name="around">Tokens of system prompt and tools.</param>
internal sealed class ContextMeter(AgentTurn turn, long around)
{
    private const int ShareOfWindow = 90;

    // What providers count for an image of the size the agent sends.
    private const int TokensOfImage = 1_000;

    // Names and brackets around a text.
    private const int TokensOfFrame = 8;

    /// <summary>Tokens of the next request.</summary>
    public long Tokens => turn.History.Tokens(around);

    /// <summary>Tokens from which on the conversation is compacted; null when neither the window nor a limit is known.</summary>
    public long? Limit => (turn.CompactAt, (long?)turn.ContextWindow * ShareOfWindow / 100) switch
    {
        ({ } configured, > 0 and var share) => Math.Min(configured, share),
        ({ } configured, _) => configured,
        (null, > 0 and var share) => share,
        _ => null,
    };

    /// <summary>True when the next request reaches the limit.</summary>
    public bool IsFull => Tokens >= Limit;

    /// <summary>Tokens of a request with other entries.</summary>
    public long With(IEnumerable<ConversationEntry> entries) => around + TokensOf(entries);

    /// <summary>How much of a window tokens fill, 0 to 100; null when the window is unknown.</summary>
    public static int? Percent(long tokens, int? window) => window is > 0 ? (int)Math.Clamp(tokens * 100 / window.Value, 0, 100) : null;

    /// <summary>Tokens of entries.</summary>
    public static long TokensOf(IEnumerable<ConversationEntry> entries) => entries.Sum(TokensOf);

    /// <summary>Tokens of an entry.</summary>
    public static long TokensOf(ConversationEntry entry) => TokensOfFrame + entry switch
    {
        ConversationEntry.User user => TokensOf(user.Text) + TokensOf(user.Images),
        ConversationEntry.Assistant assistant => TokensOf(assistant.Text),
        ConversationEntry.Reasoning reasoning => TokensOf(reasoning.ProviderItem),
        ConversationEntry.ToolCall call => TokensOf(call.Name) + TokensOf(call.Arguments),
        ConversationEntry.ToolResult result => TokensOf(result.Output) + TokensOf(result.Images),
        _ => 0,
    };

    /// <summary>Tokens of a tool's definition.</summary>
    public static long TokensOf(ToolDefinition tool) => TokensOfFrame + TokensOf(tool.Name) + TokensOf(tool.Description) + tool switch
    {
        ToolDefinition.Function function => TokensOf(function.Schema),
        ToolDefinition.Custom custom => TokensOf(custom.Grammar),
        _ => 0,
    };

    /// <summary>Tokens of a text.</summary>
    public static long TokensOf(string text) => (Encoding.UTF8.GetByteCount(text) + OutputBudget.BytesPerToken - 1) / OutputBudget.BytesPerToken;

    private static long TokensOf(IReadOnlyList<ImageReference>? images) => (images?.Count ?? 0) * TokensOfImage;
}
