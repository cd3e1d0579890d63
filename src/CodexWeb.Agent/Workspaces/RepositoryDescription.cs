namespace CodexWeb.Agent.Workspaces;

/// <summary>What was found at an address.</summary>
/// <param name="Name">A short name for people.</param>
/// <param name="DefaultBranch">The branch the origin's HEAD is on; else main, master, or the newest.</param>
public sealed record RepositoryDescription(string Name, string DefaultBranch);

/// <summary>A branch of the origin, as last fetched.</summary>
/// <param name="Commit">The full hash.</param>
/// <param name="CommittedAt">The commit's own time, UTC.</param>
/// <param name="Subject">The first line of its message.</param>
public sealed record BranchDescription(string Name, string Commit, DateTimeOffset CommittedAt, string Subject);
