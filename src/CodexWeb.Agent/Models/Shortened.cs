using System.Text;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Tools;

namespace CodexWeb.Agent.Models;

/// <summary>How much of a conversation is given to the model that writes the hand-over.</summary>
internal enum Shortening
{
    /// <summary>All of it.</summary>
    None,

    /// <summary>Long outputs by their ends.</summary>
    Outputs,

    /// <summary>Outputs, arguments and messages by their ends, no reasoning, no images.</summary>
    All,
}

/// <summary>A conversation with less in it, for a model that cannot take it in whole. Calls keep their results.</summary>
internal static class Shortened
{
    private const int Long = 250;
    private const int Short = 60;

    /// <summary>The entries, as short as asked.</summary>
    public static IReadOnlyList<ConversationEntry> Of(IReadOnlyList<ConversationEntry> entries, Shortening shortening) => shortening switch
    {
        Shortening.None => entries,
        Shortening.Outputs => [.. entries.Select(static entry => entry is ConversationEntry.ToolResult result ? result with { Output = Cut(result.Output, Long), Images = null } : entry)],
        _ => [.. entries.Where(static entry => entry is not ConversationEntry.Reasoning).Select(Ends)],
    };

    private static ConversationEntry Ends(ConversationEntry entry) => entry switch
    {
        ConversationEntry.ToolResult result => result with { Output = Cut(result.Output, Short), Images = null },
        // Arguments of a function are JSON, which has no ends to keep.
        ConversationEntry.ToolCall call when ContextMeter.TokensOf(call.Arguments) > Short =>
            call with { Arguments = call.Custom ? Cut(call.Arguments, Short) : "{}", ProviderItem = null },
        ConversationEntry.Assistant message when ContextMeter.TokensOf(message.Text) > Long => new ConversationEntry.Assistant(Cut(message.Text, Long)),
        ConversationEntry.User user => user with { Text = Cut(user.Text, Long * 8), Images = null },
        _ => entry,
    };

    private static string Cut(string text, int tokens) => OutputBudget.Cut(KeptOutput.Whole(Encoding.UTF8.GetBytes(text)), tokens);
}
