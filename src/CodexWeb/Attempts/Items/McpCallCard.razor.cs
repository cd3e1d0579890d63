using System.Text.Encodings.Web;
using System.Text.Json;
using CodexWeb.Agent.Protocol;
using CodexWeb.Ui.Markup;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Attempts.Items;

/// <summary>A call of an MCP server's tool: which, with what, how it ended, what it answered.</summary>
public sealed partial class McpCallCard
{
    private const int LongestPreview = 200;

    // For text nodes alone: Blazor escapes what goes into the page.
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private bool? _open;
    private bool _whole;

    /// <summary>The call as it now stands.</summary>
    [Parameter, EditorRequired]
    public TranscriptItem Entry { get; set; } = null!;

    /// <summary>Where its parts link to.</summary>
    [CascadingParameter]
    public TranscriptLinks Links { get; set; } = null!;

    private Item.McpToolCall Call => (Item.McpToolCall)Entry.Item;

    private bool Failed => !Entry.Live && Call.Status is not ItemStatus.Completed;

    private string Badge => Call.Status switch
    {
        ItemStatus.Completed => "done",
        ItemStatus.Unknown => "?",
        ItemStatus.Cancelled => "stopped",
        ItemStatus.InProgress => "cut off",
        _ => "failed",
    };

    private string Preview => Call.Arguments is "{}" ? "" : PlainText.RevealLine(Call.Arguments.Length <= LongestPreview ? Call.Arguments : Call.Arguments[..LongestPreview] + "…");

    private string Arguments
    {
        get
        {
            try
            {
                using var arguments = JsonDocument.Parse(Call.Arguments);
                return arguments.RootElement.ValueKind is JsonValueKind.Object && arguments.RootElement.GetPropertyCount() == 0 ? "" : PlainText.Reveal(JsonSerializer.Serialize(arguments.RootElement, Readable));
            }
            catch (JsonException)
            {
                return PlainText.Reveal(Call.Arguments);
            }
        }
    }
}
