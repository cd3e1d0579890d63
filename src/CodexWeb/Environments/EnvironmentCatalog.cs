using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Environments;

/// <summary>An environment as it is shown and given over HTTP.</summary>
public sealed record EnvironmentRow(
    EnvironmentId Id,
    RepositoryId RepositoryId,
    string Name,
    string SetupScript,
    IReadOnlyDictionary<string, string> Variables,
    IReadOnlyList<string> Checks,
    ReviewSettings Reviews,
    IReadOnlyList<McpServerRow> McpServers)
{
    internal static EnvironmentRow Of(CodexEnvironment environment) => new(
        environment.Id,
        environment.RepositoryId,
        environment.Name,
        environment.SetupScript,
        environment.Variables,
        environment.Checks,
        new ReviewSettings(environment.ReviewAutomatically, environment.ReviewFloor),
        [.. environment.McpServers.Select(McpServerRow.Of)]);
}

/// <summary>How pull requests are reviewed.</summary>
/// <param name="Automatic">True when every pull request of the repository is; said by its default environment.</param>
/// <param name="Floor">Findings of this priority or a more urgent one are posted: 0 to 3, 0 the most urgent.</param>
public sealed record ReviewSettings(bool Automatic, int Floor)
{
    /// <summary>On request alone; what is urgent is posted.</summary>
    public static ReviewSettings Usual { get; } = new(Automatic: false, Floor: 1);
}

/// <summary>What somebody wants an environment to be.</summary>
/// <param name="McpServers">All it shall have, in order; a header without a value keeps the one that is stored under the server's name. Null to leave them as they are.</param>
public sealed record EnvironmentChange(string Name, string SetupScript, IReadOnlyDictionary<string, string> Variables, IReadOnlyList<string> Checks, ReviewSettings Reviews, IReadOnlyList<McpServerChange>? McpServers = null);

/// <summary>Reads and changes environments.</summary>
public sealed class EnvironmentCatalog(IDbContextFactory<CodexDb> databases, WriteGate gate, McpServerIntake intake, TimeProvider time)
{
    private const int LongestScript = 100_000;
    private const int MostChecks = 20;
    private const int MostVariables = 100;

    /// <summary>All, or those of one repository; a repository's default one comes first.</summary>
    public async Task<IReadOnlyList<EnvironmentRow>> ListAsync(RepositoryId? repository, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var environments = await db.Environments.AsNoTracking().Where(e => repository == null || e.RepositoryId == repository).OrderBy(e => e.Id).ToListAsync(cancellationToken);
        return [.. environments.Select(EnvironmentRow.Of)];
    }

    /// <summary>One; null when there is none.</summary>
    public async Task<EnvironmentRow?> FindAsync(EnvironmentId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Environments.AsNoTracking().SingleOrDefaultAsync(e => e.Id == id, cancellationToken) is { } environment ? EnvironmentRow.Of(environment) : null;
    }

    /// <summary>Adds an environment to a repository.</summary>
    public async Task<CommandResult<EnvironmentRow>> CreateAsync(RepositoryId repository, EnvironmentChange change, CancellationToken cancellationToken)
    {
        if (Check(change) is { Count: > 0 } errors)
        {
            return new CommandResult<EnvironmentRow>.Invalid(errors);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await db.Repositories.AnyAsync(r => r.Id == repository, cancellationToken))
        {
            return new CommandResult<EnvironmentRow>.Invalid("repositoryId", "There is no such repository.");
        }

        var environment = CodexEnvironment.Create(repository, change.Name.Trim(), time);
        if (Take(environment, change.McpServers) is { } refused)
        {
            return refused;
        }

        environment.Change(change.Name.Trim(), change.SetupScript, change.Variables, change.Checks);
        environment.ChangeReviews(change.Reviews.Automatic, change.Reviews.Floor);
        db.Add(environment);
        await db.SaveInTurnAsync(gate, cancellationToken);
        return new CommandResult<EnvironmentRow>.Done(EnvironmentRow.Of(environment));
    }

    /// <summary>Changes an environment. Turns that begin from now on work by it.</summary>
    public async Task<CommandResult<EnvironmentRow>> ChangeAsync(EnvironmentId id, EnvironmentChange change, CancellationToken cancellationToken)
    {
        if (Check(change) is { Count: > 0 } errors)
        {
            return new CommandResult<EnvironmentRow>.Invalid(errors);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Environments.SingleOrDefaultAsync(e => e.Id == id, cancellationToken) is not { } environment)
        {
            return new CommandResult<EnvironmentRow>.NotFound("There is no such environment.");
        }

        if (Take(environment, change.McpServers) is { } refused)
        {
            return refused;
        }

        environment.Change(change.Name.Trim(), change.SetupScript, change.Variables, change.Checks);
        environment.ChangeReviews(change.Reviews.Automatic, change.Reviews.Floor);
        await db.SaveInTurnAsync(gate, cancellationToken);
        return new CommandResult<EnvironmentRow>.Done(EnvironmentRow.Of(environment));
    }

    /// <summary>Changes how pull requests of a repository are reviewed: by its default environment.</summary>
    public async Task<CommandResult<EnvironmentRow>> ChangeReviewsAsync(RepositoryId repository, ReviewSettings reviews, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reviews);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Environments.Where(e => e.RepositoryId == repository).OrderBy(e => e.Id).FirstOrDefaultAsync(cancellationToken) is not { } environment)
        {
            return new CommandResult<EnvironmentRow>.NotFound("There is no such repository. It may have been disconnected.");
        }

        environment.ChangeReviews(reviews.Automatic, reviews.Floor);
        await db.SaveInTurnAsync(gate, cancellationToken);
        return new CommandResult<EnvironmentRow>.Done(EnvironmentRow.Of(environment));
    }

    private CommandResult<EnvironmentRow>.Invalid? Take(CodexEnvironment environment, IReadOnlyList<McpServerChange>? servers)
    {
        switch (servers is null ? null : intake.TakeAll(servers, environment.McpServers))
        {
            case CommandResult<IReadOnlyList<McpServer>>.Invalid invalid:
                return new CommandResult<EnvironmentRow>.Invalid(invalid.Errors);
            case CommandResult<IReadOnlyList<McpServer>>.Done { Value: var taken }:
                environment.ChangeMcpServers(taken);
                return null;
            default:
                return null;
        }
    }

    private static Dictionary<string, string> Check(EnvironmentChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (change.Name.Trim().Length is 0 or > 100)
        {
            errors["name"] = "A name has 1 to 100 characters.";
        }

        if (change.SetupScript.Length > LongestScript)
        {
            errors["setupScript"] = $"The script may have {LongestScript} characters. Put a longer one into the repository and call it.";
        }

        if (change.Variables.Count > MostVariables || change.Variables.Keys.Any(name => !IsVariableName(name)))
        {
            errors["variables"] = $"At most {MostVariables} variables, each named by letters, digits and underscores, not beginning with a digit.";
        }
        else if (change.Variables.Values.Any(value => value is null || value.Contains('\0', StringComparison.Ordinal)))
        {
            errors["variables"] = "The value of a variable is a text without NUL characters.";
        }

        if (change.Checks.Count > MostChecks || change.Checks.Any(string.IsNullOrWhiteSpace))
        {
            errors["checks"] = $"At most {MostChecks} commands, none of them empty.";
        }

        if (change.Reviews.Floor is < 0 or > 3)
        {
            errors["reviews"] = "The floor is a priority from 0, drop everything, to 3, nice to have.";
        }

        return errors;
    }

    internal static bool IsVariableName(string name) =>
        name.Length is > 0 and <= 100 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
