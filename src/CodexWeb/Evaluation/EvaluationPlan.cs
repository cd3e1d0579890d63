namespace CodexWeb.Evaluation;

/// <summary>What is to be evaluated, and how.</summary>
public sealed record EvaluationPlan
{
    /// <summary>The problem file.</summary>
    public required string Problems { get; init; }

    /// <summary>The model, as <c>provider/model</c>; null for the server's default.</summary>
    public string? Model { get; init; }

    /// <summary>True to try the file's own solutions instead of a model's.</summary>
    public bool Reference { get; init; }

    /// <summary>Answers for each problem, at least 1.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>The k of each pass@k to be told, each from 1 to <see cref="Samples"/>.</summary>
    public required IReadOnlyList<int> Ks { get; init; }

    /// <summary>Samples at work at once, at least 1.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>How long the tests of one sample may take; null for the usual time of such problems.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long the model may work on a repository for one sample.</summary>
    public TimeSpan WorkTime { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The reasoning effort, as the provider names it; null for its default.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>Where the samples are kept.</summary>
    public required string Output { get; init; }

    /// <summary>True to write the results as JSON instead of a table.</summary>
    public bool Json { get; init; }
}
