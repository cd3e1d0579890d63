using System.Globalization;
using System.Text;
using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Evaluation.Repositories;

/// <summary>Lets the agent work on a repository as it does on a task, and judges what it left.</summary>
internal sealed class RepositoryTrial(EvaluatedModel model, RepositoryGround ground, RepositoryJudge judge, TimeSpan workTime, IProgress<string> progress, TimeProvider time) : ITrial
{
    private const int LongestPatch = 1 << 20;

    /// <inheritdoc/>
    public Task<string?> ObstacleAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <inheritdoc/>
    public async Task<Sample> RunAsync(Problem problem, int number, CancellationToken cancellationToken)
    {
        try
        {
            var (ready, obstacle) = await judge.PrepareAsync((RepositoryProblem)problem, cancellationToken);
            return ready is null ? new Sample(problem.Id, number, SampleOutcome.Unjudged, obstacle!) : await RunAsync(ready, number, cancellationToken);
        }
        catch (Exception exception) when (exception is RepositoryException or WorkspaceException or GitException or ProcessException or IOException or UnauthorizedAccessException)
        {
            return new Sample(problem.Id, number, SampleOutcome.Error, exception.Message);
        }
    }

    private async Task<Sample> RunAsync(ReadyProblem ready, int number, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        var (outcome, work) = await WorkAsync(ready, number, cancellationToken);
        var patch = await PatchAsync(ready, work, cancellationToken);
        var sample = new Sample(ready.Problem.Id, number, SampleOutcome.NoCode, "It changed nothing.", patch, outcome.Usage, Math.Round(time.GetElapsedTime(begun).TotalSeconds, 3));
        switch (outcome)
        {
            case TurnOutcome.Failed { Failure: { } failure } failed:
                return sample with { Outcome = model.Outcome(new ModelException(failure, failed.Message)), Detail = failed.Message };
            case TurnOutcome.Failed failed:
                return sample with { Outcome = SampleOutcome.Crashed, Detail = failed.Message };
            case var _ when patch.Length == 0:
                return sample;
            default:
                begun = time.GetTimestamp();
                var judgement = await judge.JudgeAsync(ready, work, cancellationToken);
                return sample with { Outcome = judgement.Outcome, Detail = judgement.Detail, TestSeconds = Math.Round(time.GetElapsedTime(begun).TotalSeconds, 3) };
        }
    }

    /// <summary>One turn of the agent, without a person.</summary>
    /// <returns>How it ended, and the commit of the files it left.</returns>
    private async Task<(TurnOutcome Outcome, string Work)> WorkAsync(ReadyProblem ready, int number, CancellationToken cancellationToken)
    {
        await using var place = await ground.EncloseAsync(ready.Key, ready.Base, start: null, cancellationToken);
        using var deadline = new CancellationTokenSource(workTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var used = default(TokenUsage);
        TurnOutcome outcome;
        try
        {
            outcome = await AgentLoop.RunAsync(Turn(ready, number, place, usage => used += usage), time, either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // What it has done by then is judged like any other work.
            outcome = new TurnOutcome.LimitReached(string.Create(CultureInfo.InvariantCulture, $"It did not end within {workTime.TotalMinutes:0.#} minutes."), used);
        }

        if (!place.Sandbox.Ended.IsCompleted)
        {
            await place.Workspace.CheckpointAsync(place.Sandbox, "The work", cancellationToken);
        }

        return (outcome, place.Workspace.LastCommit);
    }

    private AgentTurn Turn(ReadyProblem ready, int number, EnclosedWorkspace place, Action<TokenUsage> used) => new()
    {
        Number = 1,
        Prompt = ready.Problem.Prompt,
        Mode = AgentMode.Code,
        Client = model.Client,
        Model = model.Entry.Name,
        Reasons = model.Entry.Reasoning,
        ReasoningEffort = model.ReasoningEffort,
        CacheKey = place.Id,
        ContextWindow = model.Entry.ContextWindow,
        History = new Conversation(),
        Ids = new ItemIds(),
        Sandbox = place.Sandbox,
        Append = (events, _) =>
        {
            foreach (var entry in events)
            {
                Tell(ready, number, entry, used);
            }

            return ValueTask.CompletedTask;
        },
        Checkpoint = async stop => await place.Workspace.CheckpointAsync(place.Sandbox, "A step", stop),
    };

    private void Tell(ReadyProblem ready, int number, AgentEvent entry, Action<TokenUsage> used)
    {
        switch (entry)
        {
            case AgentEvent.UsageReported usage:
                used(usage.Usage);
                break;
            case AgentEvent.ItemCompleted { Item: Item.Notice { Kind: "retry" } notice }:
                progress.Report(string.Create(CultureInfo.InvariantCulture, $"{ready.Problem.Id} {number}: {notice.Text}"));
                break;
            default:
                break;
        }
    }

    private async Task<string> PatchAsync(ReadyProblem ready, string work, CancellationToken cancellationToken)
    {
        using var patch = new MemoryStream();
        await ground.Changes.WritePatchAsync(ready.Key, ready.Base, work, patch, cancellationToken);
        var text = Encoding.UTF8.GetString(patch.GetBuffer(), 0, (int)patch.Length);
        return text.Length <= LongestPatch ? text : text[..LongestPatch] + "\n… cut here\n";
    }
}
