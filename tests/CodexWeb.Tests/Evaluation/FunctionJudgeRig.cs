using CodexWeb.Evaluation;
using CodexWeb.Evaluation.Functions;
using CodexWeb.Tests.Sandboxes;

namespace CodexWeb.Tests.Evaluation;

/// <summary>A judge with real sandboxes.</summary>
internal sealed class FunctionJudgeRig : IAsyncDisposable
{
    private readonly SandboxRig _sandboxes = new();

    public FunctionJudge Judge(double seconds = 20) => new(_sandboxes.Driver, Path.Combine(_sandboxes.Folder, "plain"), TimeSpan.FromSeconds(seconds), TimeProvider.System);

    /// <summary>Judges what a model wrote.</summary>
    public Task<Judgement> JudgeAsync(FunctionProblem problem, string answer, double seconds = 20) =>
        Judge(seconds).JudgeAsync(problem, CodeAnswer.Find(problem, answer), CancellationToken.None);

    public ValueTask DisposeAsync() => _sandboxes.DisposeAsync();
}
