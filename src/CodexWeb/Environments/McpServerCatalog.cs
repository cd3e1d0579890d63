using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Environments;

/// <summary>Changes the MCP servers of an environment. Turns that begin from then on work by it.</summary>
public sealed class McpServerCatalog(IDbContextFactory<CodexDb> databases, WriteGate gate, McpServerIntake intake)
{
    /// <summary>Adds a server, or changes one.</summary>
    /// <param name="name">The name it has; null for a new one.</param>
    public Task<CommandResult<EnvironmentRow>> SaveAsync(EnvironmentId environment, string? name, McpServerChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        return ChangeAsync(environment, servers =>
        {
            var at = servers.FindIndex(server => Same(server.Name, name));
            if (name is not null && at < 0)
            {
                return new CommandResult<IReadOnlyList<McpServer>>.NotFound($"There is no MCP server {name} here any more.");
            }

            if (servers.Exists(server => Same(server.Name, change.Name) && !Same(server.Name, name)))
            {
                return new CommandResult<IReadOnlyList<McpServer>>.Invalid("name", "Another server of this environment has this name.");
            }

            if (at < 0 && servers.Count == McpServerIntake.Most)
            {
                return new CommandResult<IReadOnlyList<McpServer>>.Refused($"An environment has at most {McpServerIntake.Most} MCP servers. Remove one first.");
            }

            return intake.Take(change, at < 0 ? null : servers[at]) switch
            {
                CommandResult<McpServer>.Done { Value: var taken } => new CommandResult<IReadOnlyList<McpServer>>.Done(
                    at < 0 ? [.. servers, taken] : [.. servers.Select((server, place) => place == at ? taken : server)]),
                var refused => new CommandResult<IReadOnlyList<McpServer>>.Invalid(((CommandResult<McpServer>.Invalid)refused).Errors),
            };
        }, cancellationToken);
    }

    /// <summary>Removes a server with its stored headers.</summary>
    public Task<CommandResult<EnvironmentRow>> RemoveAsync(EnvironmentId environment, string name, CancellationToken cancellationToken) => ChangeAsync(
        environment, servers => new CommandResult<IReadOnlyList<McpServer>>.Done([.. servers.Where(server => !Same(server.Name, name))]), cancellationToken);

    private async Task<CommandResult<EnvironmentRow>> ChangeAsync(EnvironmentId id, Func<List<McpServer>, CommandResult<IReadOnlyList<McpServer>>> change, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Environments.SingleOrDefaultAsync(e => e.Id == id, cancellationToken) is not { } environment)
        {
            return new CommandResult<EnvironmentRow>.NotFound("There is no such environment.");
        }

        switch (change([.. environment.McpServers]))
        {
            case CommandResult<IReadOnlyList<McpServer>>.Done { Value: var servers }:
                environment.ChangeMcpServers(servers);
                await db.SaveInTurnAsync(gate, cancellationToken);
                return new CommandResult<EnvironmentRow>.Done(EnvironmentRow.Of(environment));
            case CommandResult<IReadOnlyList<McpServer>>.Invalid invalid:
                return new CommandResult<EnvironmentRow>.Invalid(invalid.Errors);
            case CommandResult<IReadOnlyList<McpServer>>.NotFound missing:
                return new CommandResult<EnvironmentRow>.NotFound(missing.What);
            case CommandResult<IReadOnlyList<McpServer>>.Refused refused:
                return new CommandResult<EnvironmentRow>.Refused(refused.Reason);
            default:
                throw new InvalidOperationException("There is no other result.");
        }
    }

    private static bool Same(string name, string? other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);
}
