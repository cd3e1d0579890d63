using System.Globalization;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Health;

/// <summary>Can the data folder be written, has its disk room, and can the account that runs sandboxes get into it?</summary>
internal sealed class DataFolderProbe(WorkspacePaths paths, HostAccount account, ProcessRunner processes) : IHealthProbe
{
    private const long Enough = 1L << 30;
    private const long TooLittle = 100L << 20;

    public string Name => "Data folder";

    public async Task<IReadOnlyList<HealthCheck>> LookAsync(CancellationToken cancellationToken) =>
        [await WritableAsync(cancellationToken), await ReachableAsync(cancellationToken), Space(new DriveInfo(paths.DataDirectory).AvailableFreeSpace)];

    /// <summary>What so many free bytes mean.</summary>
    internal static HealthCheck Space(long free)
    {
        const string Line = "Free space";
        var detail = string.Create(CultureInfo.InvariantCulture, $"{free / (double)(1 << 30):0.0} GiB are free for the data folder.");
        const string Fix = "Make room on its disk: delete tasks, or move Data:Directory to a larger disk.";
        return free < TooLittle ? HealthCheck.Fail(Line, detail, Fix)
            : free < Enough ? HealthCheck.Warn(Line, detail, Fix)
            : HealthCheck.Pass(Line, detail);
    }

    private async Task<HealthCheck> WritableAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(paths.DataDirectory, $".doctor-{Guid.NewGuid():N}");
        try
        {
            await File.WriteAllTextAsync(file, "The doctor's test of whether this folder can be written.", cancellationToken);
            File.Delete(file);
            return HealthCheck.Pass(Name, $"{paths.DataDirectory} can be written.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return HealthCheck.Fail(Name, $"{paths.DataDirectory} cannot be written: {exception.Message}", "Give the folder to the account the server runs as, or set Data:Directory to another.");
        }
    }

    // A root server runs sandboxes as another account, which needs to pass every folder above.
    private async Task<HealthCheck> ReachableAsync(CancellationToken cancellationToken)
    {
        const string Line = "Sandbox account";
        if (!account.DropsFromRoot)
        {
            return HealthCheck.Pass(Line, string.Create(CultureInfo.InvariantCulture, $"Sandboxes run as the server's own account ({account.UserId})."));
        }

        var result = await processes.RunAsync(
            new ProcessCommand { FileName = "test", Arguments = ["-x", paths.DataDirectory], Account = account, Timeout = TimeSpan.FromSeconds(10) },
            cancellationToken);
        return result.ExitCode == 0
            ? HealthCheck.Pass(Line, string.Create(CultureInfo.InvariantCulture, $"Sandboxes run as the unprivileged account {account.UserId}, which reaches the data folder."))
            : HealthCheck.Fail(
                Line,
                string.Create(CultureInfo.InvariantCulture, $"Sandboxes run as the unprivileged account {account.UserId}, which cannot get into {paths.DataDirectory}."),
                "Let others pass the folders on the way there (chmod o+x on each), or set Data:Directory to a folder such as /var/lib/codexweb.");
    }
}
