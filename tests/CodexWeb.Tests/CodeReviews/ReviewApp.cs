using CodexWeb.Attempts;
using CodexWeb.CodeReviews;
using CodexWeb.Data;
using CodexWeb.EmulatedGitHub;
using CodexWeb.Environments;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.CodeReviews;

/// <summary>The whole application on a loopback port, with its demo model and a real sandbox, and a GitHub whose <c>acme/shop</c> is connected.</summary>
public sealed class ReviewApp : WebApplicationFactory<Program>, IAsyncLifetime
{
    /// <summary>A file whose change the demo model finds fault with.</summary>
    public const string Before = "sub total {\n    my ($sum) = @_;\n    return $sum;\n}\n\n# One\n# Two\n# Three\n# Four\n# Five\n# Six\n# Seven\n# Eight\nsub name {\n    return 'shop';\n}\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"codexweb-reviews-{Guid.NewGuid():N}");

    public GitHubServer GitHub { get; private set; } = null!;

    public HostedAccount Ana { get; private set; } = null!;

    public HostedRepository Shop { get; private set; } = null!;

    public RepositoryId RepositoryId { get; private set; }

    public CodeReviewCommands Commands => Services.GetRequiredService<CodeReviewCommands>();

    public CodeReviewQueries Queries => Services.GetRequiredService<CodeReviewQueries>();

    public CodeReviewSync Sync => Services.GetRequiredService<CodeReviewSync>();

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_folder, (UnixFileMode)0b111_101_101);
        GitHub = await GitHubServer.StartAsync();
        Ana = GitHub.AddUser("ana");
        var bot = GitHub.AddUser("codexweb");
        Shop = await GitHub.AddRepositoryAsync("acme/shop", [("lib/shop.pl", Before), ("README.md", "# Shop\n")]);
        Shop.Allow(Ana, RepositoryRole.Write);
        Shop.Allow(bot, RepositoryRole.Write);
        Token = GitHub.AddToken(bot);
        UseKestrel(0);
        StartServer();
        var connected = await Services.GetRequiredService<RepositoryCatalog>().ConnectAsync(Shop.CloneUrl.ToString(), null, CancellationToken.None);
        RepositoryId = Assert.IsType<CommandResult<RepositoryRow>.Done>(connected).Value.Id;
    }

    /// <summary>What the application acts by at GitHub.</summary>
    public string Token { get; private set; } = "";

    /// <summary>Opens a pull request that divides without a check on line 3 and adds a TODO below.</summary>
    public async Task<HostedPull> OpenAsync(string branch = "half", string title = "Give half", bool draft = false)
    {
        await Shop.Git.RunAsync("branch", branch, "main");
        await Shop.CommitAsync(branch, title, ("lib/shop.pl", Before.Replace("return $sum;", "return $sum / $parts;", StringComparison.Ordinal).Replace("# Eight", "# TODO: eight", StringComparison.Ordinal)));
        return await Shop.OpenPullAsync(Ana, title, branch, body: "It gives half.", draft: draft);
    }

    /// <summary>Asks for a review and waits for its end.</summary>
    public async Task<CodeReviewDetails> ReviewAsync(HostedPull pull)
    {
        var requested = await Commands.RequestAsync(RepositoryId, pull.Number, "Ada", ReviewTrigger.Requested, CancellationToken.None);
        return await EndAsync(Assert.IsType<CommandResult<CodeReviewId>.Done>(requested).Value);
    }

    /// <summary>Waits until a review is neither running nor being posted.</summary>
    public Task<CodeReviewDetails> EndAsync(CodeReviewId id) => WhenAsync(id, static review => review.Row.Status is not (CodeReviewStatus.Running or CodeReviewStatus.Posting));

    /// <summary>Waits until something holds of a review.</summary>
    public async Task<CodeReviewDetails> WhenAsync(CodeReviewId id, Func<CodeReviewDetails, bool> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var changed = Services.GetRequiredService<IAttemptSignals>().FollowTasks();
        CodeReviewDetails review;
        while (!holds(review = (await Queries.DetailsAsync(id, patience.Token))!))
        {
            await changed.WaitAsync(patience.Token);
        }

        return review;
    }

    /// <summary>Waits until a task's attempt has come to rest.</summary>
    public async Task<AttemptDetails> EndOfTaskAsync(TaskId id)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var changed = Services.GetRequiredService<IAttemptSignals>().FollowTasks();
        var queries = Services.GetRequiredService<TaskQueries>();
        AttemptDetails attempt;
        while ((attempt = (await queries.DetailsAsync(id, patience.Token))!.Attempts[0]).IsActive)
        {
            await changed.WaitAsync(patience.Token);
        }

        return attempt;
    }

    public async Task<IReadOnlyList<CodeReviewRow>> ListAsync() => (await Queries.ListAsync(RepositoryId, null, 200, null, CancellationToken.None)).Items;

    public async Task ReviewAllAsync(bool automatic, int floor = 1) =>
        Assert.IsType<CommandResult<EnvironmentRow>.Done>(await Services.GetRequiredService<EnvironmentCatalog>().ChangeReviewsAsync(RepositoryId, new ReviewSettings(automatic, floor), CancellationToken.None));

    /// <summary>A context of the application's database.</summary>
    public Task<CodexDb> OpenDatabaseAsync() => Services.GetRequiredService<IDbContextFactory<CodexDb>>().CreateDbContextAsync();

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await GitHub.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("Data:Directory", Path.Combine(_folder, "data"));
        builder.UseSetting("Demo:Pace", "0");
        builder.UseSetting("GitHub:BaseUrl", GitHub.Web.ToString());
        builder.UseSetting("GitHub:ApiUrl", GitHub.Api.ToString());
        builder.UseSetting("GitHub:Token", Token);
    }
}
