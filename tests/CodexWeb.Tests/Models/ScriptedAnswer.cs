using System.Text.Json.Nodes;

namespace CodexWeb.Tests.Models;

/// <summary>One answer of a model, in the words of either protocol.</summary>
/// <param name="Text">What it says; null for nothing.</param>
/// <param name="Calls">What it calls: a function with its JSON arguments, or <c>apply_patch</c> with its text.</param>
internal sealed record ScriptedAnswer(string? Text, params IReadOnlyList<(string Name, string Input)> Calls)
{
    public static (string Name, string Input) Exec(string command) => ("exec_command", new JsonObject { ["cmd"] = command }.ToJsonString());

    public static (string Name, string Input) Patch(string text) => ("apply_patch", text);

    /// <summary>The answer on one of the protocols.</summary>
    /// <param name="step">Part of the calls' ids.</param>
    public Reply On(Wire wire, int step) => wire is Wire.Chat
        ? ChatReply.Answer(Text, [.. Calls.Select((call, index) => ($"call_{step}_{index}", call.Name, Wrapped(call)))])
        : Reply.Answer([.. Text is null ? [] : (OutputItem[])[OutputItem.Message(Text)], .. Calls.Select((call, index) => ItemOf(call, $"call_{step}_{index}"))]);

    private static OutputItem ItemOf((string Name, string Input) call, string id) =>
        call.Name == "apply_patch" ? OutputItem.Custom(id, call.Name, call.Input) : OutputItem.Function(id, call.Name, call.Input);

    private static string Wrapped((string Name, string Input) call) => call.Name == "apply_patch" ? new JsonObject { ["input"] = call.Input }.ToJsonString() : call.Input;
}

/// <summary>The protocols.</summary>
public enum Wire
{
    Responses,
    Chat,
}
