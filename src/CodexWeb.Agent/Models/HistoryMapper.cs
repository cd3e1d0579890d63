using System.ClientModel.Primitives;
using System.Text.Json;
using System.Text.Json.Nodes;
using CodexWeb.Agent.Protocol;
using OpenAI.Responses;

namespace CodexWeb.Agent.Models;

/// <summary>Turns conversation entries into items of the Responses API and back. The same entry always becomes the same bytes.</summary>
internal static class HistoryMapper
{
    // A stateless request names no stored item: an id would be looked up and not found. The status is the server's to say.
    private static readonly string[] NotSentBack = ["id", "status", "created_by"];

    /// <summary>The entry as an input item; null for what a stateless request may not carry.</summary>
    /// <param name="images">Where the conversation's images are; null when the model takes none, and reads a line in place of each.</param>
    public static ResponseItem? ToItem(ConversationEntry entry, ImageFolder? images) => entry switch
    {
        ConversationEntry.User { Images.Count: > 0 } user => ResponseItem.CreateUserMessageItem(Parts(user.Text, user.Images, images)),
        ConversationEntry.User user => ResponseItem.CreateUserMessageItem(user.Text),
        ConversationEntry.Assistant { ProviderItem: { } json } => Kept(json),
        ConversationEntry.Assistant assistant => ResponseItem.CreateAssistantMessageItem(assistant.Text),
        // What another protocol's model thought is not for this one.
        ConversationEntry.Reasoning reasoning => ChatReasoning.Read(reasoning) is null ? Kept(reasoning.ProviderItem) : null,
        ConversationEntry.ToolCall { ProviderItem: { } json } call => Kept(json, call.CallId),
        ConversationEntry.ToolCall { Custom: true } call => ResponseItem.CreateCustomToolCallItem(call.CallId, call.Name, call.Arguments),
        ConversationEntry.ToolCall call => ResponseItem.CreateFunctionCallItem(call.CallId, call.Name, BinaryData.FromString(call.Arguments)),
        ConversationEntry.ToolResult { Custom: true } result =>
            ResponseItem.CreateCustomToolCallOutputItem(result.CallId, Parts(result.Output, result.Images ?? [], images)),
        ConversationEntry.ToolResult { Images.Count: > 0 } result => WithImages(result.CallId, Parts(result.Output, result.Images, images)),
        ConversationEntry.ToolResult result => ResponseItem.CreateFunctionCallOutputItem(result.CallId, result.Output),
        _ => throw new InvalidOperationException($"A conversation entry of type {entry.GetType().Name} has no form in the Responses API."),
    };

    /// <summary>A complete output item as an entry; null for what the conversation does not keep: reasoning that cannot be sent back, calls cut off half-way, kinds not asked for.</summary>
    /// <param name="index">Its place in the answer, for an id when the provider gave none.</param>
    public static ConversationEntry? ToEntry(ResponseItem item, int index) => item switch
    {
        MessageResponseItem message => new ConversationEntry.Assistant(TextOf(message), Json(item)),
        ReasoningResponseItem { EncryptedContent: { Length: > 0 } } => new ConversationEntry.Reasoning(Json(item)),
        FunctionCallResponseItem { Status: { } status } when status == FunctionCallStatus.Incomplete => null,
        CustomToolCallItem { Status: { } status } when status == CustomToolCallStatus.Incomplete => null,
        FunctionCallResponseItem call =>
            new ConversationEntry.ToolCall(IdOf(call.CallId, index), call.FunctionName ?? "", call.FunctionArguments?.ToString() ?? "", Custom: false, Json(item)),
        CustomToolCallItem call => new ConversationEntry.ToolCall(IdOf(call.CallId, index), call.ToolName ?? "", call.Input ?? "", Custom: true, Json(item)),
        _ => null,
    };

    private static List<ResponseContentPart> Parts(string text, IReadOnlyList<ImageReference> shown, ImageFolder? images) =>
    [
        ResponseContentPart.CreateInputTextPart(text),
        .. shown.Select(image => images?.Read(image) is { } bytes
            ? ResponseContentPart.CreateInputImagePart(bytes, ResponseImageDetailLevel.Auto)
            : ResponseContentPart.CreateInputTextPart(ImageFolder.InPlaceOf(image, taken: images is not null))),
    ];

    // The API takes text or content parts as a function's output; the client knows only the text.
    private static FunctionCallOutputResponseItem WithImages(string callId, List<ResponseContentPart> parts)
    {
        var item = ResponseItem.CreateFunctionCallOutputItem(callId, "");
        item.Patch.Set("$.output"u8, BinaryData.FromString($"[{string.Join(',', parts.Select(static part => ModelReaderWriter.Write(part).ToString()))}]"));
        return item;
    }

    private static string IdOf(string? callId, int index) => string.IsNullOrEmpty(callId) ? $"call_{index}_{Guid.CreateVersion7():N}" : callId;

    private static string TextOf(MessageResponseItem message) => string.Concat(message.Content.Select(static part => part.Text ?? part.Refusal));

    private static string Json(ResponseItem item) => ModelReaderWriter.Write(item).ToString();

    private static ResponseItem? Kept(string json, string? callId = null)
    {
        if (JsonNode.Parse(json) is not JsonObject item)
        {
            throw new JsonException("A kept provider item is no JSON object.");
        }

        foreach (var name in NotSentBack)
        {
            item.Remove(name);
        }

        if (callId is not null)
        {
            item["call_id"] = callId;
        }

        return ModelReaderWriter.Read<ResponseItem>(BinaryData.FromString(item.ToJsonString()));
    }
}
