using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>Deletes folders that an agent may have filled: no link is followed, no permission bit holds it up.</summary>
internal static class Removal
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    /// <summary>Removes a folder and all that is in it; no effect when it is not there.</summary>
    /// <exception cref="WorkspaceException">Something is left.</exception>
    internal static async Task RemoveAsync(ProcessRunner runner, HostAccount account, string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        var error = await RunAsync(runner, "rm", ["-rf", "--", folder], cancellationToken);
        if (error is not null && !account.DropsFromRoot)
        {
            // A folder without permissions, which only root can empty at once. chmod -R does not follow links.
            await RunAsync(runner, "chmod", ["-R", "u+rwX", "--", folder], cancellationToken);
            error = await RunAsync(runner, "rm", ["-rf", "--", folder], cancellationToken);
        }

        if (error is not null)
        {
            throw new WorkspaceException($"{folder} could not be deleted: {GitMessage.Shorten(error)} Delete it by hand.");
        }
    }

    private static async Task<string?> RunAsync(ProcessRunner runner, string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await runner.RunAsync(new ProcessCommand { FileName = program, Arguments = arguments, Timeout = Timeout }, cancellationToken);
        return result.ExitCode == 0 ? null : result.Error;
    }
}
