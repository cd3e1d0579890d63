using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Evaluation;

/// <summary>Tries problems of one kind.</summary>
internal interface ITrial
{
    /// <summary>Says what is missing here for trying them.</summary>
    /// <returns>A sentence with the remedy; null when nothing is.</returns>
    Task<string?> ObstacleAsync(CancellationToken cancellationToken);

    /// <summary>Gets one answer to a problem and tests it.</summary>
    /// <exception cref="EvaluationException">No problem can be tried; the message says what to do.</exception>
    /// <exception cref="SandboxException">The sandbox failed; another try may do better.</exception>
    Task<Sample> RunAsync(Problem problem, int number, CancellationToken cancellationToken);
}
