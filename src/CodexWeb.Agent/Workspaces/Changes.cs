namespace CodexWeb.Agent.Workspaces;

/// <summary>Reads the difference between commits of the server's own repository (base commits, checkpoints) and makes the commit that leaves it.</summary>
/// <remarks>No driver, filter or text conversion that a repository names is ever started: there is no configuration that could define one.</remarks>
public sealed class Changes(WorkspacePaths paths, Git git, TimeProvider time)
{
    private static readonly TimeSpan DiffTimeout = TimeSpan.FromMinutes(5);
    private static readonly string[] DiffOptions = ["diff-tree", "-r", "-M", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=none"];

    /// <summary>The changed files with their counts of lines.</summary>
    /// <param name="from">A full commit hash, usually the base.</param>
    /// <param name="to">A full commit hash, usually a checkpoint.</param>
    public async Task<DiffSummary> SummariseAsync(string repositoryKey, string from, string to, CancellationToken cancellationToken)
    {
        var output = await git.OutputAsync(Diff(repositoryKey, ["-z", "--raw", "--numstat"], from, to), cancellationToken);
        var files = FileDiff.Parse(output.Span);
        return new DiffSummary(files.Sum(file => file.Added), files.Sum(file => file.Removed), files);
    }

    /// <summary>Writes the difference as <c>git apply</c> takes it, binary files included, as it is made. Empty when there is none.</summary>
    public Task WritePatchAsync(string repositoryKey, string from, string to, Stream output, CancellationToken cancellationToken)
        => git.WriteAsync(
            Diff(repositoryKey, ["--patch", "--binary", "--full-index", "--src-prefix=a/", "--dst-prefix=b/"], from, to) with { MaxOutputBytes = long.MaxValue },
            output,
            cancellationToken);

    /// <summary>Makes one clean commit of a checkpoint's files, whatever the number of checkpoints before it.</summary>
    /// <param name="checkpoint">The commit whose files are taken.</param>
    /// <param name="parents">The base commit, or the commit pushed last; then a commit whose content was merged into the checkpoint, if any.</param>
    /// <param name="message">Subject, blank line, body.</param>
    /// <param name="author">Who asked for it; the committer is the server.</param>
    /// <returns>The new commit's hash; the parent itself when it is the only one and has the same files already.</returns>
    public async Task<string> CommitForBranchAsync(string repositoryKey, string checkpoint, IReadOnlyList<string> parents, string message, CommitAuthor author, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(parents);
        var directory = Directory(repositoryKey);
        var command = new GitCommand(
            directory, "rev-parse", "--verify", "--end-of-options", $"{Commits.Require(checkpoint)}^{{tree}}");
        var tree = await git.TextAsync(command, cancellationToken);
        var parentTree = await git.TextAsync(command with { Arguments = [.. command.Arguments.SkipLast(1), $"{Commits.Require(parents[0])}^{{tree}}"] }, cancellationToken);
        return tree == parentTree && parents.Count == 1
            ? parents[0]
            : await git.TextAsync(CommitCommand.Make(directory, tree, [.. parents.Select(Commits.Require)], message, author, time.GetUtcNow()), cancellationToken);
    }

    private GitCommand Diff(string repositoryKey, string[] options, string from, string to)
        => new(Directory(repositoryKey), [.. DiffOptions, .. options, "--end-of-options", Commits.Require(from), Commits.Require(to)])
        {
            Timeout = DiffTimeout,
            MaxOutputBytes = 256L * 1024 * 1024,
        };

    private string Directory(string repositoryKey)
    {
        var folder = paths.CheckpointsOf(repositoryKey);
        return System.IO.Directory.Exists(folder) ? folder : throw new RepositoryException("The server has no copy of this repository any more. Connect it again.");
    }
}
