using System.Text;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Models;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using CodexWeb.Tests.Workspaces;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Tasks;

/// <summary>The whole application on a loopback port, with its demo model, a second model that nobody answers for, a real sandbox, and one repository of a few files.</summary>
public sealed class TaskApp : WebApplicationFactory<Program>, IAsyncLifetime
{
    /// <summary>A model of the settings whose provider is not there.</summary>
    public const string Other = "elsewhere/small";

    /// <summary>Sixty lines in <c>lines.txt</c>; <c>prove t</c> passes once one of them has "thirty".</summary>
    public static readonly string Lines = string.Concat(Enumerable.Range(1, 60).Select(number => $"line {number}\n"));

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public TestGround Ground { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    public RepositoryId Repository { get; private set; }

    public TaskCommands Commands => Services.GetRequiredService<TaskCommands>();

    public TaskQueries Queries => Services.GetRequiredService<TaskQueries>();

    public async Task InitializeAsync()
    {
        await Ground.MakeOriginAsync(
            ("lines.txt", Lines),
            ("other.txt", "other\n"),
            ("t/thirty.t", "print \"1..1\\n\"; open my $lines, '<', 'lines.txt'; print((grep { /thirty/ } <$lines>) ? \"ok 1\\n\" : \"not ok 1\\n\");\n"));
        UseKestrel(0);
        StartServer();
        Client = CreateClient();
        var connected = await Services.GetRequiredService<RepositoryCatalog>().ConnectAsync(Ground.Origin, "lines", CancellationToken.None);
        Repository = Assert.IsType<CommandResult<RepositoryRow>.Done>(connected).Value.Id;
    }

    /// <summary>Starts a task whose agent runs a shell script, and waits until all its attempts came to rest.</summary>
    public async Task<TaskDetails> RunAsync(string script, int attempts = 1, TaskMode mode = TaskMode.Code)
    {
        var created = await Commands.CreateAsync(new NewTask { RepositoryId = Repository, Mode = mode, Prompt = Prompt(script), Attempts = attempts }, "Ada", CancellationToken.None);
        return await EndAsync(Assert.IsType<CommandResult<TaskId>.Done>(created).Value);
    }

    /// <summary>Lets one attempt run another script as a follow-up.</summary>
    public async Task<TaskDetails> FollowUpAsync(TaskDetails task, int attempt, string script)
    {
        Assert.IsType<CommandResult<int>.Done>(await Commands.FollowUpAsync(task.Id, task.Attempts[attempt - 1].Id, Prompt(script), [], CancellationToken.None));
        return await EndAsync(task.Id);
    }

    /// <summary>Waits until all attempts of a task came to rest.</summary>
    public async Task<TaskDetails> EndAsync(TaskId id)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var changed = Services.GetRequiredService<IAttemptSignals>().FollowTasks();
        TaskDetails task;
        while ((task = (await Queries.DetailsAsync(id, patience.Token))!).Attempts.Any(attempt => attempt.IsActive))
        {
            await changed.WaitAsync(patience.Token);
        }

        return task;
    }

    /// <summary>A file as an attempt has it; null when it has none.</summary>
    public async Task<string?> FileAsync(AttemptDetails attempt, string path)
    {
        var commit = attempt.Checkpoint ?? await Ground.GitAsync(Ground.Origin, "rev-parse", "main");
        return await Services.GetRequiredService<RepositoryCatalog>().ReadFileAsync(Repository, commit, path, CancellationToken.None) is CommandResult<FileAtCommit>.Done { Value: { Kind: FileAtCommitKind.Regular } file }
            ? Encoding.UTF8.GetString(file.Content.Span)
            : null;
    }

    public static string Prompt(string script) => $"Run this.\n\n```sh\n{script}\n```";

    async Task IAsyncLifetime.DisposeAsync()
    {
        Client?.Dispose();
        await DisposeAsync();
        Ground.Dispose();
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        // The sandbox's account has to pass through the folder.
        builder.UseSetting("Data:Directory", Path.Combine(Ground.Folder, "app"));
        builder.UseSetting("Demo:Pace", "0");
        builder.UseSetting("Models:Providers:0:Name", "elsewhere");
        builder.UseSetting("Models:Providers:0:BaseUrl", "http://127.0.0.1:9/v1");
        builder.UseSetting("Models:Providers:0:ApiKey", "a-key-that-opens-nothing");
        builder.UseSetting("Models:Providers:0:Models:0:Id", "small");
        builder.UseSetting("Models:Default", ModelCatalog.DemoEntry.Id);
    }
}
