using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Health;

/// <summary>Do the sandbox's walls hold? One line per wall, as the driver tried them. A nicety that is missing is no failure: it passes with advice.</summary>
internal sealed class SandboxProbe(ISandboxDriver driver) : IHealthProbe
{
    public string Name => "Sandbox";

    public async Task<IReadOnlyList<HealthCheck>> LookAsync(CancellationToken cancellationToken)
    {
        var report = await driver.CheckAsync(cancellationToken);
        return [.. report.Checks.Select(check => new HealthCheck($"Sandbox: {check.Name}", check.Passed || !check.Required, check.Detail, check.Fix, check.Required))];
    }
}
