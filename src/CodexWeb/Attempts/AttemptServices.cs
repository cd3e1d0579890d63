using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CodexWeb.Attempts;

/// <summary>Registers what runs attempts.</summary>
public static class AttemptServices
{
    /// <summary>Adds the log, the orchestrator and what they stand on: sandboxes, workspaces and the agent's loop.</summary>
    public static IServiceCollection AddAttempts(this IServiceCollection services)
    {
        services.AddOptions<AttemptOptions>().BindConfiguration(AttemptOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(HostAccount.Detect());
        services.AddSingleton<ProcessRunner>();
        services.AddSingleton<Git>();
        services.TryAddSingleton<IGitCredentials, NoCredentials>();
        services.AddSingleton<Origins>();
        services.AddSingleton<RepositoryMirrors>();
        services.AddSingleton<CheckpointStore>();
        services.AddSingleton<Changes>();
        services.AddSingleton<Merging>();
        services.AddSingleton<PatchTrials>();
        services.AddSingleton<BranchPush>();
        services.AddSingleton<WorkspaceStore>();
        services.AddSingleton<SampleRepository>();
        services.AddSingleton<ISandboxDriver>(provider =>
        {
            var paths = provider.GetRequiredService<WorkspacePaths>();
            return new BubblewrapDriver(provider.GetRequiredService<ProcessRunner>(), provider.GetRequiredService<HostAccount>(), paths.Workspaces, paths.DataDirectory);
        });
        services.AddSingleton<IAttemptSignals, InProcessSignals>();
        services.AddSingleton<QueuePlaces>();
        services.AddSingleton<ShownFiles>();
        services.AddSingleton<AttemptFiles>();
        services.AddSingleton<MessageFiles>();
        services.AddSingleton<AttemptWorkspaces>();
        services.AddSingleton<Approvals>();
        services.AddSingleton<ApprovalCommands>();
        services.AddSingleton<AttemptRunner>();
        services.AddSingleton<AttemptChanges>();
        services.AddSingleton<AttemptFindings>();
        services.AddSingleton<AttemptLog>();
        services.AddSingleton<Housekeeping>();
        services.AddSingleton<Orchestrator>();
        // Stopped in the reverse order: the orchestrator first, so that the log is there until the last attempt let go.
        services.AddHostedService(provider => provider.GetRequiredService<AttemptLog>());
        services.AddHostedService(provider => provider.GetRequiredService<Housekeeping>());
        return services.AddHostedService(provider => provider.GetRequiredService<Orchestrator>());
    }
}
