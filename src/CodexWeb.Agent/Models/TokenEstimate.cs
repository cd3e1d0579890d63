using System.Text;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>Tokens where nobody counted them: 4 bytes of UTF-8 are one.</summary>
internal static class TokenEstimate
{
    private const int BytesPerToken = 4;

    // What providers count for an image of usual size.
    private const int TokensPerImage = 1000;

    /// <summary>Tokens of a text.</summary>
    public static long Of(string text) => (Encoding.UTF8.GetByteCount(text) + BytesPerToken - 1) / BytesPerToken;

    /// <summary>Tokens a request makes the model read.</summary>
    public static long Of(ModelRequest request) =>
        Of(request.Instructions) + request.Tools.Sum(Of) + request.Input.Sum(Of);

    private static long Of(ToolDefinition tool) => Of(tool.Name) + Of(tool.Description) + (tool is ToolDefinition.Function function ? Of(function.Schema) : 0);

    /// <summary>Tokens of one entry.</summary>
    public static long Of(ConversationEntry entry) => entry switch
    {
        ConversationEntry.User user => Of(user.Text) + (user.Images?.Count ?? 0) * TokensPerImage,
        ConversationEntry.Assistant assistant => Of(assistant.Text),
        ConversationEntry.Reasoning reasoning => Of(reasoning.ProviderItem),
        ConversationEntry.ToolCall call => Of(call.Name) + Of(call.Arguments),
        ConversationEntry.ToolResult result => Of(result.Output) + (result.Images?.Count ?? 0) * TokensPerImage,
        _ => 0,
    };
}
