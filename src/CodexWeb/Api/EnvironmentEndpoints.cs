using System.Text.Json.Serialization;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>Environments: how to work on a repository.</summary>
internal static class EnvironmentEndpoints
{
    private const string Tag = "Environments";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/environments", ListAsync)
            .WithName("ListEnvironments").WithTags(Tag).WithSummary("All environments, or one repository's; its default one first")
            .Produces<Page<EnvironmentAnswer>>().ProducesValidationProblem();
        api.MapPost("/environments", CreateAsync)
            .WithName("CreateEnvironment").WithTags(Tag).WithSummary("Give a repository another environment")
            .Produces<EnvironmentAnswer>(StatusCodes.Status201Created).ProducesValidationProblem();
        api.MapGet("/environments/{id:guid}", FindAsync)
            .WithName("GetEnvironment").WithTags(Tag).WithSummary("One environment")
            .Produces<EnvironmentAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPut("/environments/{id:guid}", ChangeAsync)
            .WithName("ChangeEnvironment").WithTags(Tag).WithSummary("Change an environment")
            .WithDescription("The whole environment as it shall be; what is left out is emptied. Turns that begin from now on work by it.")
            .Produces<EnvironmentAnswer>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/environments/{id:guid}/mcp-servers/{name}/test", TestAsync)
            .WithName("TestMcpServer").WithTags(Tag).WithSummary("Start an MCP server as a task would, and list its tools")
            .WithDescription("A program is started in a sandbox with a fresh copy of the repository, after the set-up script. A server that does not work is an answer too.")
            .Produces<McpTrialAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> TestAsync(EnvironmentId id, string name, McpTrials trials, CancellationToken cancellationToken) =>
        (await trials.RunAsync(id, name, cancellationToken)).Answer(result => Results.Ok(McpTrialAnswer.Of(result)));

    private static async Task<IResult> ListAsync(EnvironmentCatalog environments, ISandboxDriver driver, Guid? repositoryId, int? limit, string? cursor, CancellationToken cancellationToken) =>
        Paging.Check(limit) ?? Results.Ok(Paging.Cut(
            await environments.ListAsync(repositoryId is { } id ? new RepositoryId(id) : null, cancellationToken),
            limit,
            cursor,
            static row => row.Id.ToString(),
            row => EnvironmentAnswer.Of(row, driver)));

    private static async Task<IResult> FindAsync(EnvironmentId id, EnvironmentCatalog environments, ISandboxDriver driver, CancellationToken cancellationToken) =>
        await environments.FindAsync(id, cancellationToken) is { } row ? Results.Ok(EnvironmentAnswer.Of(row, driver)) : Problems.NotFound("There is no such environment.");

    private static async Task<IResult> CreateAsync(EnvironmentBody body, EnvironmentCatalog environments, ISandboxDriver driver, CancellationToken cancellationToken)
    {
        var errors = body.FindErrors(driver);
        if (body.RepositoryId is not { } repository)
        {
            errors["repositoryId"] = "Name the repository.";
            return Problems.Invalid(errors);
        }

        return errors.Count > 0
            ? Problems.Invalid(errors)
            : (await environments.CreateAsync(repository, body.ToChange(), cancellationToken)).Answer(row => Results.Created($"/api/v1/environments/{row.Id}", EnvironmentAnswer.Of(row, driver)));
    }

    private static async Task<IResult> ChangeAsync(EnvironmentId id, EnvironmentBody body, EnvironmentCatalog environments, ISandboxDriver driver, CancellationToken cancellationToken)
    {
        var errors = body.FindErrors(driver);
        if (await environments.FindAsync(id, cancellationToken) is { } row && body.RepositoryId is { } repository && repository != row.RepositoryId)
        {
            errors["repositoryId"] = "An environment stays with its repository. Leave this out, or create another environment.";
        }

        return errors.Count > 0
            ? Problems.Invalid(errors)
            : (await environments.ChangeAsync(id, body.ToChange(), cancellationToken)).Answer(changed => Results.Ok(EnvironmentAnswer.Of(changed, driver)));
    }
}

/// <summary>An environment as it shall be. What this version does not offer is refused rather than ignored; an answer can be sent back as it came.</summary>
/// <param name="Id">Not needed: the address has it.</param>
/// <param name="SetupScript">Shell text run in the sandbox before the agent starts.</param>
/// <param name="MaintenanceScript">Not offered in this version: must be empty.</param>
/// <param name="Variables">Variables every command sees.</param>
/// <param name="SecretNames">Secrets are not offered in this version: must be empty.</param>
/// <param name="Network">This version's sandbox has no network: the mode must be <c>off</c>.</param>
/// <param name="Sandbox">This server's sandbox driver, the only one it has.</param>
/// <param name="Limits">This version's limits, which are the same for all.</param>
/// <param name="Checks">Shell commands that prove a change.</param>
/// <param name="Reviews">How pull requests are reviewed; null for on request alone.</param>
/// <param name="McpServers">MCP servers whose tools the agent is offered, in order.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record EnvironmentBody(
    EnvironmentId? Id,
    RepositoryId? RepositoryId,
    string? Name,
    string? SetupScript,
    string? MaintenanceScript,
    Dictionary<string, string>? Variables,
    List<string>? SecretNames,
    NetworkBody? Network,
    string? Sandbox,
    SandboxLimits? Limits,
    List<string>? Checks,
    ReviewSettingsBody? Reviews = null,
    List<McpServerBody>? McpServers = null)
{
    public EnvironmentChange ToChange() => new(
        Name ?? "",
        SetupScript ?? "",
        Variables ?? [],
        Checks ?? [],
        new ReviewSettings(Reviews?.Automatic ?? ReviewSettings.Usual.Automatic, Reviews?.Floor ?? ReviewSettings.Usual.Floor),
        [.. (McpServers ?? []).Select(static server => server.ToChange())]);

    public Dictionary<string, string> FindErrors(ISandboxDriver driver)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!string.IsNullOrEmpty(MaintenanceScript))
        {
            errors["maintenanceScript"] = "Maintenance scripts are not offered in this version: the set-up script runs before every turn.";
        }

        if (SecretNames is { Count: > 0 })
        {
            errors["secretNames"] = "Secrets are not offered in this version.";
        }

        if (Network is { } network && (network.Mode is not (null or "off") || network.Domains is { Count: > 0 }))
        {
            errors["network"] = network.Mode is null or "off" or "allowlist" or "on"
                ? "This version's sandbox has no network: the mode must be off, without domains."
                : $"There is no network mode '{network.Mode}'. This version has one: off.";
        }

        if (Sandbox is not null && !string.Equals(Sandbox, driver.Name, StringComparison.Ordinal))
        {
            errors["sandbox"] = $"This server has one sandbox: {driver.Name}.";
        }

        if (Limits is not null && Limits != new SandboxLimits())
        {
            errors["limits"] = "The limits are the same for all environments in this version. Leave them out.";
        }

        return errors;
    }
}

/// <summary>How pull requests are reviewed.</summary>
/// <param name="Automatic">True to review every pull request of the repository; said by its default environment. Null: false.</param>
/// <param name="Floor">Findings of this priority or a more urgent one are posted: 0 to 3, 0 the most urgent. Null: 1.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ReviewSettingsBody(bool? Automatic, int? Floor);

/// <summary>An environment's way to the network.</summary>
/// <param name="Mode"><c>off</c>, the only one of this version.</param>
/// <param name="Domains">Empty while the mode is off.</param>
/// <param name="Methods">Without meaning while the mode is off.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record NetworkBody(string? Mode, List<string>? Domains, string? Methods);

/// <summary>An environment.</summary>
internal sealed record EnvironmentAnswer(
    EnvironmentId Id,
    RepositoryId RepositoryId,
    string Name,
    string SetupScript,
    string MaintenanceScript,
    IReadOnlyDictionary<string, string> Variables,
    IReadOnlyList<string> SecretNames,
    NetworkBody Network,
    string Sandbox,
    SandboxLimits Limits,
    IReadOnlyList<string> Checks,
    ReviewSettings Reviews,
    IReadOnlyList<McpServerAnswer> McpServers)
{
    public static EnvironmentAnswer Of(EnvironmentRow row, ISandboxDriver driver) => new(
        row.Id,
        row.RepositoryId,
        row.Name,
        row.SetupScript,
        MaintenanceScript: "",
        row.Variables,
        SecretNames: [],
        new NetworkBody("off", [], "all"),
        driver.Name,
        new SandboxLimits(),
        row.Checks,
        row.Reviews,
        [.. row.McpServers.Select(McpServerAnswer.Of)]);
}
