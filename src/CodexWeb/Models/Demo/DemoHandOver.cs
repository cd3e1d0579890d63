using System.Text.Json;

namespace CodexWeb.Models.Demo;

/// <summary>
/// The demo model's part in a compaction. All it knows of a turn is what stands in the request, so that is what it hands over to itself: the prompt, its calls and what they answered.
/// </summary>
internal static class DemoHandOver
{
    // How the agent asks for one, and how it gives it back.
    private const string Asked = "You are near the end of what can be taken in at once.";
    private const string Given = "The conversation up to here was compacted";
    private const string Fence = "```demo-state\n";
    private const int LongestTogether = 20_000;
    private const int ShortOutput = 400;

    /// <summary>True when the request asks for a hand-over.</summary>
    public static bool IsAsked(ResponsesRequest request) =>
        request.Input is [.., InputItem.UserMessage { Role: "user" } last] && last.Text.StartsWith(Asked, StringComparison.Ordinal);

    /// <summary>True for the message that gives one back.</summary>
    public static bool IsGiven(string message) => message.StartsWith(Given, StringComparison.Ordinal);

    /// <summary>The hand-over.</summary>
    public static Step Write(ResponsesRequest request)
    {
        var turn = DemoTurn.Of(request with { Input = [.. request.Input.SkipLast(1)] });
        // The words a script looks for in an output stand in its first lines.
        var most = turn.Calls.Sum(static call => call.Output.Length) + turn.Prompt.Length > LongestTogether ? ShortOutput : LongestTogether;
        var state = JsonSerializer.Serialize(new State(turn.Prompt, [.. turn.Calls.Select(call => call with { Output = call.Output.Length <= most ? call.Output : call.Output[..most] })], turn.Steering, turn.Ended));
        return new Step($"As a script I only note where I am: {Quote.Count(turn.Calls.Count, "call")} of this turn and what they answered.\n\n{Fence}{state}\n```");
    }

    /// <summary>The state in a hand-over that is given back; null when there is none that can be read.</summary>
    public static State? Read(string message)
    {
        var from = message.LastIndexOf(Fence, StringComparison.Ordinal);
        var line = from < 0 ? "" : message[(from + Fence.Length)..].Split('\n', 2)[0];
        try
        {
            return JsonSerializer.Deserialize<State>(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Where a turn is.</summary>
    /// <param name="Ended">True when it came to its end.</param>
    internal sealed record State(string Prompt, IReadOnlyList<PastCall> Calls, IReadOnlyList<Steering> Steering, bool Ended);
}
