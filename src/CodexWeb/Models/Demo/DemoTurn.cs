namespace CodexWeb.Models.Demo;

/// <summary>The turn a request belongs to: what the person wrote last, and what was done about it since. All of it stands in the request.</summary>
/// <param name="Prompt">The message that began the turn; empty when there is none.</param>
/// <param name="Calls">Tool calls of this turn with their outputs, oldest first.</param>
/// <param name="Steering">Messages that came while it ran.</param>
/// <param name="Tools">Names of the tools offered.</param>
/// <param name="Schema">Name of the form the final answer must have; null for free text.</param>
internal sealed record DemoTurn(string Prompt, IReadOnlyList<PastCall> Calls, IReadOnlyList<Steering> Steering, IReadOnlySet<string> Tools, string? Schema)
{
    // What the agent itself puts into the conversation in the person's place.
    private static readonly string[] Notes = ["# AGENTS.md instructions", "# Skills\n", "# Selected skill ", "The server was started again.", "The conversation up to here was compacted"];
    private static readonly string[] Interruptions = ["The person stopped the turn", "The turn reached its limit"];

    /// <summary>True when its final answer was given, or it was interrupted.</summary>
    public bool Ended { get; init; }

    /// <summary>True when files can be changed: in Ask mode no patch is offered.</summary>
    public bool CanPatch => Tools.Contains(Patch.ToolName);

    /// <summary>Finds the turn in a request: it begins with the first message after the last final answer or interruption.</summary>
    public static DemoTurn Of(ResponsesRequest request)
    {
        var outputs = request.Input.OfType<InputItem.CallOutput>().ToDictionary(output => output.CallId, output => output.Text, StringComparer.Ordinal);
        string? prompt = null;
        var calls = new List<PastCall>();
        var steering = new List<Steering>();
        var ended = false;
        foreach (var item in request.Input)
        {
            switch (item)
            {
                case InputItem.AssistantMessage:
                    // Final, unless a call follows.
                    ended = true;
                    break;
                case InputItem.Call call:
                    ended = false;
                    calls.Add(new PastCall(call.Name, outputs[call.CallId]));
                    break;
                case InputItem.UserMessage { Role: "user" } message when DemoHandOver.IsGiven(message.Text) && DemoHandOver.Read(message.Text) is { } state:
                    (prompt, ended) = (state.Prompt, state.Ended);
                    calls = [.. state.Calls];
                    steering = [.. state.Steering];
                    break;
                case InputItem.UserMessage { Role: "user" } message when StartsWith(message, Interruptions):
                    ended = true;
                    break;
                case InputItem.UserMessage { Role: "user" } message when !StartsWith(message, Notes):
                    if (ended || prompt is null)
                    {
                        prompt = message.Text;
                        calls.Clear();
                        steering.Clear();
                        ended = false;
                    }
                    else
                    {
                        steering.Add(new Steering(message.Text, calls.Count));
                    }

                    break;
                default:
                    break;
            }
        }

        return new DemoTurn(prompt ?? "", calls, steering, request.Tools, request.Schema) { Ended = ended };
    }

    private static bool StartsWith(InputItem.UserMessage message, string[] beginnings) =>
        beginnings.Any(beginning => message.Text.AsSpan().TrimStart().StartsWith(beginning, StringComparison.Ordinal));
}

/// <summary>A tool call with what came of it.</summary>
internal sealed record PastCall(string Name, string Output);

/// <summary>A message that came while the turn ran.</summary>
/// <param name="AfterCalls">How many calls were made before it.</param>
internal sealed record Steering(string Text, int AfterCalls);
