using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Health;

/// <summary>What the doctor found when it last looked. Immutable.</summary>
/// <param name="Checks">One per line, in the order they are shown; empty before the first look.</param>
/// <param name="CanRunTasks">False while a required check fails, and before the first look.</param>
/// <param name="Problem">Why no task can run and what to do about it, for every page; null when tasks can run, and before the first look.</param>
/// <param name="CheckedAt">When the last check ended; null before the first look.</param>
public sealed record HealthReport(IReadOnlyList<HealthCheck> Checks, bool CanRunTasks, string? Problem, DateTimeOffset? CheckedAt)
{
    /// <summary>True when workspaces can be layers over a shared checkout; else each is a copy.</summary>
    public bool CopyOnWrite => Checks.Any(check => check is { Passed: true, Fix: null } && string.Equals(check.Name, SandboxProbe.LineOf(SandboxReport.CopyOnWriteCheck), StringComparison.Ordinal));

    /// <summary>What is known before the first look.</summary>
    public static HealthReport NotYet { get; } = new([], CanRunTasks: false, Problem: null, CheckedAt: null);

    /// <summary>The report of the given checks.</summary>
    public static HealthReport Of(IReadOnlyList<HealthCheck> checks, DateTimeOffset at)
    {
        var problem = checks.FirstOrDefault(check => check is { Passed: false, Required: true });
        return new HealthReport(checks, problem is null, problem is null ? null : $"Tasks cannot run. {problem.Name}: {problem.Detail} {problem.Fix}".TrimEnd(), at);
    }
}

/// <summary>One line of the doctor's report.</summary>
/// <param name="Name">What was looked at: <c>Git</c>.</param>
/// <param name="Detail">What was found, in a sentence.</param>
/// <param name="Passed">False when something is wrong.</param>
/// <param name="Fix">What to do; when it passed, what would make it better, or null.</param>
/// <param name="Required">True when no task can run without it.</param>
public sealed record HealthCheck(string Name, bool Passed, string Detail, string? Fix, bool Required)
{
    /// <summary>A check that passed.</summary>
    public static HealthCheck Pass(string name, string detail) => new(name, Passed: true, detail, Fix: null, Required: true);

    /// <summary>A failed check without which no task can run.</summary>
    public static HealthCheck Fail(string name, string detail, string fix) => new(name, Passed: false, detail, fix, Required: true);

    /// <summary>A failed check that tasks can run without, or some of them.</summary>
    public static HealthCheck Warn(string name, string detail, string fix) => new(name, Passed: false, detail, fix, Required: false);
}

/// <summary>Looks at one thing this installation needs.</summary>
public interface IHealthProbe
{
    /// <summary>Its name, for when it cannot even be tried.</summary>
    string Name { get; }

    /// <summary>Looks; what fails is an answer, not an exception.</summary>
    Task<IReadOnlyList<HealthCheck>> LookAsync(CancellationToken cancellationToken);
}
