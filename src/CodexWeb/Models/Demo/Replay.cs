using CodexWeb.Models.Demo.Scripts;

namespace CodexWeb.Models.Demo;

/// <summary>
/// Finds the next step of a script without keeping anything between requests. A script is a sequence of steps that looks at the outputs of its earlier ones; it is
/// played from its beginning each time and given the outputs on record, in order. The first step that has none yet is the answer. So it goes on after a restart.
/// </summary>
internal sealed class Replay(DemoTurn turn)
{
    private const int LongestWait = 60;

    private readonly List<string> _results = [];
    private int _call;
    private int _message;
    private string _acknowledgement = "";

    /// <summary>The step to answer with.</summary>
    public Step Next(Func<DemoTurn, IEnumerable<Step>> script)
    {
        foreach (var step in WithMessages(script(turn)))
        {
            if (step.Uses.Count == 0)
            {
                return step with { Say = string.Join("\n\n", [.. Acknowledged(), step.Say, .. _results]) };
            }

            if (!Feed(step))
            {
                return step with { Say = string.Join("\n\n", [.. Acknowledged(), .. step.Say.Length > 0 ? [step.Say] : Array.Empty<string>()]) };
            }

            _acknowledgement = "";
        }

        throw new InvalidOperationException("A script ends with a step without tools.");
    }

    private string[] Acknowledged() => _acknowledgement.Length > 0 ? [_acknowledgement] : [];

    private bool Feed(Step step)
    {
        foreach (var use in step.Uses)
        {
            if (_call == turn.Calls.Count)
            {
                return false;
            }

            use.Accept(turn.Calls[_call++].Output);
        }

        return true;
    }

    // Messages are answered before the step that comes after them.
    private IEnumerable<Step> WithMessages(IEnumerable<Step> script)
    {
        foreach (var step in script)
        {
            while (_message < turn.Steering.Count && turn.Steering[_message].AfterCalls <= _call)
            {
                foreach (var answer in Answer(turn.Steering[_message++].Text))
                {
                    yield return answer;
                    foreach (var poll in Await(answer))
                    {
                        yield return poll;
                    }
                }
            }

            yield return step;
            foreach (var poll in Await(step))
            {
                yield return poll;
            }
        }
    }

    private static IEnumerable<Step> Await(Step step)
    {
        foreach (var command in step.Uses.OfType<Command>())
        {
            for (var polls = 0; command.IsAwaited && polls < LongestWait; polls++)
            {
                yield return new Step("", new Poll(command));
            }
        }
    }

    private IEnumerable<Step> Answer(string message)
    {
        var blocks = ScriptBlock.In(message);
        var wrote = $"You wrote: “{Quote.Line(message)}”.";
        if (blocks.Count == 0)
        {
            _acknowledgement = $"{wrote} As a script I can only run `sh` blocks, and there is none in it; I go on.";
            yield break;
        }

        _acknowledgement = $"{wrote} I run its {Quote.Count(blocks.Count, "block")} and go on.";
        var runs = new List<BlockRun>();
        foreach (var step in RunBlocks.Run(turn, blocks, runs))
        {
            yield return step;
        }

        _results.Add($"**From your message**\n\n{RunBlocks.Report(runs)}");
    }
}
