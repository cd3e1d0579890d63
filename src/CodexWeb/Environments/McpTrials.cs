using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Tools.Mcp;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Environments;

/// <summary>Tries MCP servers of environments as a task would start them: in a sandbox, after the set-up script.</summary>
public sealed class McpTrials(IDbContextFactory<CodexDb> databases, EnvironmentSandboxes sandboxes, McpServerSpecs specs, TimeProvider time)
{
    /// <summary>Tries one, whether it is switched on or not.</summary>
    /// <returns>What came of it; a server that does not work is a result, too.</returns>
    public async Task<CommandResult<McpProbeResult>> RunAsync(EnvironmentId id, string name, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Environments.AsNoTracking().SingleOrDefaultAsync(e => e.Id == id, cancellationToken) is not { } environment)
        {
            return new CommandResult<McpProbeResult>.NotFound("There is no such environment.");
        }

        if (environment.McpServers.Find(server => string.Equals(server.Name, name, StringComparison.OrdinalIgnoreCase)) is not { } server)
        {
            return new CommandResult<McpProbeResult>.NotFound("There is no MCP server of this name in the environment.");
        }

        var spec = specs.Of(server);
        if (spec.Url is not null)
        {
            return new CommandResult<McpProbeResult>.Done(await McpProbe.RunAsync(spec, sandbox: null, specs.Egress, time, cancellationToken));
        }

        var repository = await db.Repositories.AsNoTracking().SingleAsync(r => r.Id == environment.RepositoryId, cancellationToken);
        try
        {
            return new CommandResult<McpProbeResult>.Done(await sandboxes.UseAsync(
                repository, environment, sandbox => McpProbe.RunAsync(spec, sandbox, specs.Egress, time, cancellationToken), cancellationToken));
        }
        catch (SetUpException exception)
        {
            return Failed(exception.Message, exception.Output);
        }
        catch (Exception exception) when (exception is RepositoryException or WorkspaceException or SandboxException or ProcessException)
        {
            return Failed(exception.Message, null);
        }
    }

    private static CommandResult<McpProbeResult> Failed(string why, string? said) =>
        new CommandResult<McpProbeResult>.Done(new McpProbeResult(new McpListing([], []), TimeSpan.Zero, why, string.IsNullOrWhiteSpace(said) ? null : said));
}
