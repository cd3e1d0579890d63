using System.Text;
using System.Text.RegularExpressions;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Health;

/// <summary>Is there a Git that is new enough?</summary>
internal sealed partial class GitProbe(ProcessRunner processes) : IHealthProbe
{
    /// <summary>
    /// Debian 12's. Older ones lack fixes this server's way of using Git depends on: what a path may be in a checkout (CVE-2023-23946, CVE-2023-25652),
    /// and which protocols a repository may name.
    /// </summary>
    internal static readonly Version Oldest = new(2, 39);

    private const string Install = "Install Git 2.39 or newer: sudo apt-get install git";

    public string Name => "Git";

    public async Task<IReadOnlyList<HealthCheck>> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var result = await processes.RunAsync(new ProcessCommand { FileName = "git", Arguments = ["version"], Timeout = TimeSpan.FromSeconds(10) }, cancellationToken);
            return [Judge(Encoding.UTF8.GetString(result.Output.Span).Trim())];
        }
        catch (ProcessException exception)
        {
            return [HealthCheck.Fail(Name, exception.Message, Install)];
        }
    }

    /// <summary>What the answer of <c>git version</c> means.</summary>
    internal static HealthCheck Judge(string answer)
    {
        if (!Version.TryParse(VersionNumber().Match(answer).Value, out var version))
        {
            return HealthCheck.Fail("Git", $"git version answered \"{answer}\", which names no version.", Install);
        }

        return version < Oldest
            ? HealthCheck.Fail("Git", $"Git {version} is too old for hostile repositories; {Oldest} is the oldest this server uses.", Install)
            : HealthCheck.Pass("Git", $"Git {version}.");
    }

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VersionNumber();
}
