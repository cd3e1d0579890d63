using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Health;

/// <summary>Do the sandbox's walls hold? One line per wall, as the driver tried them. A nicety that is missing is no failure: it passes with advice.</summary>
internal sealed class SandboxProbe(ISandboxDriver driver) : IHealthProbe
{
    public string Name => "Sandbox";

    /// <summary>The name a check of the driver has in the report.</summary>
    public static string LineOf(string check) => $"Sandbox: {check}";

    public async Task<IReadOnlyList<HealthCheck>> LookAsync(CancellationToken cancellationToken)
    {
        var report = await driver.CheckAsync(cancellationToken);
        return [.. report.Checks.Select(check => new HealthCheck(LineOf(check.Name), check.Passed || !check.Required, check.Detail, check.Fix, check.Required))];
    }
}
