using CodexWeb.Data;

namespace CodexWeb.Environments;

/// <summary>How to work on a repository. A repository has a default one.</summary>
public sealed class CodexEnvironment
{
    private CodexEnvironment()
    {
    }

    /// <summary>Its id.</summary>
    public EnvironmentId Id { get; private init; }

    /// <summary>The repository.</summary>
    public RepositoryId RepositoryId { get; private init; }

    /// <summary>What people call it.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Shell text run in the sandbox before the agent starts; empty for none.</summary>
    public string SetupScript { get; private set; } = "";

    /// <summary>Variables every command sees.</summary>
    public Dictionary<string, string> Variables { get; private set; } = [];

    /// <summary>Shell commands that prove a change; those the agent did not run after its last edit are run by the server.</summary>
    public List<string> Checks { get; private set; } = [];

    /// <summary>MCP servers whose tools the agent is offered, in order. Secrets among their settings are encrypted.</summary>
    public List<McpServer> McpServers { get; private set; } = [];

    /// <summary>True when every pull request of the repository is reviewed.</summary>
    public bool ReviewAutomatically { get; private set; }

    /// <summary>Findings of this priority or a more urgent one are posted: 0 to 3, 0 the most urgent.</summary>
    public int ReviewFloor { get; private set; } = 1;

    /// <summary>A new environment.</summary>
    public static CodexEnvironment Create(RepositoryId repository, string name, TimeProvider time) => new()
    {
        Id = Data.Id.New<EnvironmentId>(time),
        RepositoryId = repository,
        Name = name,
    };

    /// <summary>Changes what it says.</summary>
    public void Change(string name, string setupScript, IReadOnlyDictionary<string, string> variables, IReadOnlyList<string> checks)
    {
        Name = name;
        SetupScript = setupScript;
        Variables = new Dictionary<string, string>(variables, StringComparer.Ordinal);
        Checks = [.. checks];
    }

    /// <summary>Changes its MCP servers.</summary>
    public void ChangeMcpServers(IReadOnlyList<McpServer> servers) => McpServers = [.. servers];

    /// <summary>Changes how pull requests are reviewed.</summary>
    /// <param name="floor">0 to 3.</param>
    public void ChangeReviews(bool automatically, int floor)
    {
        ReviewAutomatically = automatically;
        ReviewFloor = Math.Clamp(floor, 0, 3);
    }
}
