using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Tools;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Health;
using CodexWeb.Repositories;

namespace CodexWeb.Environments;

/// <summary>A set-up script did not end well.</summary>
/// <param name="output">The end of what it said.</param>
public sealed class SetUpException(string message, string output) : Exception(message)
{
    /// <summary>The end of what it said.</summary>
    public string Output => output;
}

/// <summary>Sandboxes to try an environment in: a fresh copy of the repository's default branch after the set-up script, gone afterwards.</summary>
public sealed class EnvironmentSandboxes(RepositoryMirrors mirrors, WorkspaceStore store, ISandboxDriver driver, Doctor doctor, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan SetUpTime = TimeSpan.FromMinutes(10);

    // A sandbox costs memory: who presses the button ten times waits.
    private readonly SemaphoreSlim _places = new(2, 2);

    /// <summary>Makes a sandbox, does something in it, and removes it.</summary>
    /// <exception cref="SetUpException">The set-up script did not end well.</exception>
    /// <exception cref="RepositoryException">The repository or its default branch is not there.</exception>
    /// <exception cref="WorkspaceException">The workspace cannot be made.</exception>
    /// <exception cref="SandboxException">The sandbox cannot be started, or ended.</exception>
    public async Task<T> UseAsync<T>(Repository repository, CodexEnvironment environment, Func<ISandbox, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(work);
        await _places.WaitAsync(cancellationToken);
        var name = $"trial-{Guid.NewGuid():N}";
        try
        {
            await mirrors.FetchAsync(repository.Key, repository.Url, cancellationToken);
            var commit = await mirrors.ResolveAsync(repository.Key, repository.DefaultBranch, cancellationToken);
            var request = new WorkspaceRequest
            {
                AttemptId = name,
                RepositoryKey = repository.Key,
                BaseBranch = repository.DefaultBranch,
                BaseCommit = commit,
                ReadOnly = true,
                CopyOnWrite = doctor.Last.CopyOnWrite,
            };
            using var workspace = await store.OpenAsync(request, cancellationToken);
            await using var sandbox = await driver.StartAsync(
                new SandboxSpec { Workspace = workspace.Mount, ReadOnlyMounts = workspace.ReadOnlyMounts, Environment = environment.Variables }, cancellationToken);
            await SetUpAsync(sandbox, environment.SetupScript, cancellationToken);
            return await work(sandbox);
        }
        finally
        {
            _places.Release();
            if (store.Has(name))
            {
                await store.DeleteAsync(name, CancellationToken.None);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private async Task SetUpAsync(ISandbox sandbox, string script, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(script))
        {
            return;
        }

        using var patience = new CancellationTokenSource(SetUpTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var ended = await HostCommand.RunAsync(
                sandbox, script, new ItemIds(), static (_, _) => ValueTask.CompletedTask, static _ => Stream.Null, outputBytes: 1 << 20, time, either.Token);
            if (ended.ExitCode != 0)
            {
                throw new SetUpException(ended.ExitCode is { } code ? $"The set-up script ended with exit code {code}." : $"The set-up script did not end well. {ended.Reason}", ended.Output);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SetUpException($"The set-up script did not end within {SetUpTime.TotalMinutes:0} minutes.", "");
        }
    }
}
