using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.EmulatedGitHub;
using CodexWeb.Environments;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.GitHosts.Webhooks;
using CodexWeb.Health;
using CodexWeb.Models;
using CodexWeb.Repositories;
using CodexWeb.Review;
using CodexWeb.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Review;

/// <summary>The product's own services over a real database, a real mirror and a GitHub on a loopback port, with one task whose attempt is done. Nothing runs by itself.</summary>
public sealed class PullRequestRig : IAsyncDisposable
{
    public const string Checkpoints = "cp";

    private static readonly CancellationToken None = CancellationToken.None;
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"codexweb-pulls-{Guid.NewGuid():N}");
    private WebApplication _app = null!;

    public GitHubServer GitHub { get; private set; } = null!;

    public HostedAccount Ana { get; private set; } = null!;

    public HostedAccount Bob { get; private set; } = null!;

    public HostedRepository Shop { get; private set; } = null!;

    public ShiftedClock Clock { get; } = new();

    public TaskId TaskId { get; private set; }

    public AttemptId AttemptId { get; private set; }

    public string Base { get; private set; } = "";

    public PullRequests Pulls => Get<PullRequests>();

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public HostedPull Pull => Shop.Pull(1);

    /// <summary>Starts it with a repository and a first change to it.</summary>
    public static async Task<PullRequestRig> StartAsync((string Path, string Content)[] before, (string Path, string? Content)[] after, TaskSource? source = null)
    {
        var rig = new PullRequestRig();
        Directory.CreateDirectory(rig._folder, (UnixFileMode)0b111_101_101);
        rig.GitHub = await GitHubServer.StartAsync(rig.Clock);
        (rig.Ana, rig.Bob) = (rig.GitHub.AddUser("ana"), rig.GitHub.AddUser("bob"));
        rig.GitHub.AddOrganisation("acme", rig.Ana);
        rig.Shop = await rig.GitHub.AddRepositoryAsync("acme/shop", before);
        rig.Shop.Allow(rig.Ana, RepositoryRole.Write);
        rig.Shop.Allow(rig.Bob, RepositoryRole.Write);
        rig.Base = (await rig.Shop.HeadAsync("main"))!;
        rig._app = rig.Build(rig.GitHub.AddToken(rig.Ana));
        await DataServices.MigrateAsync(rig._app.Services, None);
        await rig.Get<AttemptLog>().StartAsync(None);
        await rig.StoreAsync(source);
        await rig.EndTurnAsync(after);
        return rig;
    }

    /// <summary>Ends the turn the attempt waits for, with changed files or without.</summary>
    public async Task EndTurnAsync((string Path, string? Content)[] files, AttemptStatus status = AttemptStatus.Completed)
    {
        await using var db = await Get<IDbContextFactory<CodexDb>>().CreateDbContextAsync();
        var attempt = await db.Attempts.AsNoTracking().SingleAsync(a => a.Id == AttemptId);
        await Get<AttemptLog>().AppendAsync(AttemptId, [new AgentEvent.TurnStarted(attempt.TurnNumber)], None);
        if (files.Length > 0)
        {
            var commit = await Shop.Git.CommitAsync(Checkpoints, "Step", files);
            await TakeInAsync(commit);
            await Get<AttemptLog>().AppendAsync(AttemptId, [new AgentEvent.Checkpoint(commit, files.Length, 1, 1)], None);
            await db.Attempts.Where(a => a.Id == AttemptId).ExecuteUpdateAsync(set => set.SetProperty(a => a.Checkpoint, commit));
        }

        await Get<AttemptLog>().AppendAsync(AttemptId, [new AgentEvent.TurnCompleted(attempt.TurnNumber, default)], None);
        await db.Attempts.Where(a => a.Id == AttemptId).ExecuteUpdateAsync(set => set.SetProperty(a => a.Status, status).SetProperty(a => a.Reason, status is AttemptStatus.Completed ? "Done." : "The model failed."));
        await db.Tasks.Where(t => t.Id == TaskId).ExecuteUpdateAsync(set => set.SetProperty(t => t.UpdatedAt, Clock.GetUtcNow()));
    }

    /// <summary>Sends a follow-up as a person does, and ends its turn.</summary>
    public async Task FollowUpAsync(params (string Path, string? Content)[] files)
    {
        Assert.IsType<CommandResult<int>.Done>(await Get<TaskCommands>().FollowUpAsync(TaskId, AttemptId, "Do more", [], None));
        await EndTurnAsync(files);
    }

    /// <summary>Opens the pull request with everything proposed.</summary>
    public async Task<PullRequestView> OpenAsync(PullRequestRequest? request = null) =>
        Assert.IsType<CommandResult<PullRequestView>.Done>(await Pulls.OpenOrUpdateAsync(TaskId, request ?? new PullRequestRequest(), None)).Value;

    public async Task<TaskDetails> TaskAsync() => (await Get<TaskQueries>().DetailsAsync(TaskId, None))!;

    public async Task<PullRequest> RowAsync()
    {
        await using var db = await Get<IDbContextFactory<CodexDb>>().CreateDbContextAsync();
        return await db.PullRequests.AsNoTracking().SingleAsync(p => p.TaskId == TaskId);
    }

    public async Task<string> RefreshAsync()
    {
        await Get<PullRequestSync>().RefreshAsync(TaskId, None);
        return (await TaskAsync()).PullRequest!.Words;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await Get<AttemptLog>().StopAsync(None);
            await _app.DisposeAsync();
        }

        await GitHub.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // Built and never started: what runs by itself in the product is called by the test.
    private WebApplication Build(string token)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Data:Directory"] = Path.Combine(_folder, "data"),
            ["GitHub:BaseUrl"] = GitHub.Web.ToString(),
            ["GitHub:ApiUrl"] = GitHub.Api.ToString(),
            ["GitHub:Token"] = token,
        });
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddSingleton<TimeProvider>(Clock)
            .AddData().AddHealth().AddModels(builder.Configuration).AddGitHubClient().AddGitHubAccess().AddWebhooks().AddAttempts().AddTasks().AddRepositories().AddReview().AddPullRequests();
        return builder.Build();
    }

    private async Task StoreAsync(TaskSource? source)
    {
        var repository = Id.New<RepositoryId>(Clock);
        await Get<RepositoryMirrors>().ConnectAsync(repository.ToString(), Shop.CloneUrl.ToString(), None);
        await using var db = await Get<IDbContextFactory<CodexDb>>().CreateDbContextAsync();
        db.Add(Repository.Connect(repository, "acme/shop", Shop.CloneUrl.ToString(), "main", sample: false, Clock.GetUtcNow()));
        var environment = CodexEnvironment.Create(repository, "Default", Clock);
        db.Add(environment);
        var task = CodexTask.Start(repository, environment.Id, "Round half to even", TaskMode.Code, "main", "codexweb/round-half", null, "Ana", Clock, source);
        task.StartFrom(Base);
        var attempt = Attempt.Queue(task.Id, 1, "demo/scripted", Clock);
        task.Attempts.Add(attempt);
        task.Turns.Add(new Turn { TaskId = task.Id, Number = 1, Prompt = "Round half to even", CreatedAt = Clock.GetUtcNow() });
        db.Add(task);
        await db.SaveChangesAsync();
        (TaskId, AttemptId) = (task.Id, attempt.Id);
    }

    // As an attempt's checkpoint is: in the server's own repository.
    private async Task TakeInAsync(string commit)
    {
        var key = (await TaskAsync()).RepositoryId.ToString();
        var command = new ProcessCommand
        {
            FileName = "git",
            Arguments = ["--git-dir", Get<WorkspacePaths>().CheckpointsOf(key), "fetch", "--quiet", Shop.Git.Folder, $"{Checkpoints}:refs/test/{commit}"],
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = HostPrograms.SearchPath, ["HOME"] = _folder },
        };
        var result = await Get<ProcessRunner>().RunAsync(command, None);
        Assert.True(result.ExitCode == 0, result.Error);
    }
}

/// <summary>The system's clock, set forward by as much as the test says.</summary>
public sealed class ShiftedClock : TimeProvider
{
    private TimeSpan _ahead;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _ahead;

    public void Advance(TimeSpan by) => _ahead += by;
}
