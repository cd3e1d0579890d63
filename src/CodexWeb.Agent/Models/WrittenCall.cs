namespace CodexWeb.Agent.Models;

/// <summary>
/// Tells a call of a tool that a model wrote as text: in the marks of its template, which its server did not read. Such a text is no answer, and nothing of it is run: it is sent back.
/// </summary>
internal static class WrittenCall
{
    private static readonly string[] Marks =
        ["<tool_call>", "<tool_calls>", "<function=", "<function_call>", "<|tool_call", "<|python_tag|>", "[TOOL_CALLS]", "<｜tool▁call", "<invoke name=", "<|channel|>commentary to="];

    /// <summary>What the model is told.</summary>
    public const string Correction =
        "Your last message holds a call of a tool, written as text. Nothing of it was run. Call tools through the interface for tool calls, not in the text of a message; or write the final message if the work is done.";

    /// <summary>True when a message is such a text: it begins or ends with such marks, outside of code, and names a tool there is.</summary>
    public static bool Is(string message, IReadOnlyList<ToolDefinition> tools)
    {
        var text = message.AsSpan().Trim();
        foreach (var mark in Marks)
        {
            var at = text.IndexOf(mark, StringComparison.Ordinal);
            // In the middle of a line of prose or in code it is spoken about.
            if (at >= 0 && (at == 0 || text[at - 1] == '\n') && !InFence(text[..at]) && Names(text[at..], tools))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Names(ReadOnlySpan<char> text, IReadOnlyList<ToolDefinition> tools)
    {
        foreach (var tool in tools)
        {
            if (text.Contains(tool.Name, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static bool InFence(ReadOnlySpan<char> before) => before.Count("```") % 2 == 1;
}
