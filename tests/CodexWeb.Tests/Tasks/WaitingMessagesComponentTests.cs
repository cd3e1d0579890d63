using Bunit;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using CodexWeb.Tests.Data;
using CodexWeb.Tests.Workspaces;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Tasks;

public sealed class WaitingMessagesComponentTests : BunitContext, IAsyncLifetime
{
    private readonly TestDatabase _database = new();
    private readonly TestGround _ground = new();
    private AttemptId _attempt;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton<IDbContextFactory<CodexDb>>(_database);
        Services.AddSingleton(_database.Gate);
        Services.AddSingleton<IAttemptSignals, InProcessSignals>();
        Services.AddLogging();
        Services.AddSingleton<AttemptLog>();
        Services.AddSingleton<TaskStore>();
        Services.AddSingleton<Steering>();
        Services.AddSingleton<Attachments>().AddSingleton<AttachmentFiles>().AddSingleton<ShownFiles>().AddSingleton<MessageFiles>().AddSingleton<AttemptFiles>();
        Services.AddSingleton(_ground.Paths).AddSingleton(_ground.Account).AddSingleton(_ground.Store).AddSingleton(_ground.Checkpoints);
        await using var db = _database.CreateDbContext();
        var repository = Repository.Connect(Id.New<RepositoryId>(TimeProvider.System), "shop", "/srv/shop", "main", sample: false, TimeProvider.System.GetUtcNow());
        var environment = CodexEnvironment.Create(repository.Id, "Default", TimeProvider.System);
        var task = CodexTask.Start(repository.Id, environment.Id, "Fix it", TaskMode.Code, "main", "codexweb/fix-it", null, "Ada", TimeProvider.System);
        var attempt = Attempt.Queue(task.Id, 1, "demo/scripted", TimeProvider.System);
        task.Attempts.Add(attempt);
        db.Add(repository);
        db.Add(environment);
        db.Add(task);
        await db.SaveChangesAsync();
        _attempt = attempt.Id;
    }

    [Fact]
    public async Task A_message_can_be_sent_earlier()
    {
        var list = await ShownAsync("One", "Two", "Three");
        Assert.True(list.Find("[title='Send earlier']").HasAttribute("disabled"));

        await list.FindAll("[title='Send earlier']")[2].ClickAsync(new());

        Assert.Equal(["One", "Three", "Two"], await WaitingAsync());
    }

    [Fact]
    public async Task A_message_can_be_taken_back()
    {
        var list = await ShownAsync("One", "Two");

        await list.FindAll("[title='Remove']")[0].ClickAsync(new());

        Assert.Equal(["Two"], await WaitingAsync());
    }

    [Fact]
    public async Task A_message_can_be_written_anew()
    {
        var list = await ShownAsync("One", "Two");

        list.FindAll("[title='Edit']")[1].Click();
        list.Find("textarea").Change("Second");
        await list.Find("form").SubmitAsync();

        Assert.Equal(["One", "Second"], await WaitingAsync());
        Assert.Empty(list.FindAll("textarea"));
    }

    [Fact]
    public async Task What_the_agent_took_meanwhile_is_said_and_not_changed()
    {
        var list = await ShownAsync("One");
        await using (var db = _database.CreateDbContext())
        {
            await db.QueuedMessages.ExecuteDeleteAsync();
        }

        await list.Find("[title='Remove']").ClickAsync(new());

        Assert.Contains("has reached the agent", list.Find("[role=alert]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void With_nothing_waiting_there_is_nothing() =>
        Assert.Equal("", Render<WaitingMessages>(p => p.Add(l => l.Messages, [])).Markup.Trim());

    Task IAsyncLifetime.DisposeAsync()
    {
        _ground.Dispose();
        return _database.DisposeAsync();
    }

    private async Task<IRenderedComponent<WaitingMessages>> ShownAsync(params string[] texts)
    {
        var steering = Services.GetRequiredService<Steering>();
        foreach (var text in texts)
        {
            Assert.Null((await steering.AddAsync(_attempt, text, CancellationToken.None)).Problem());
        }

        await using var db = _database.CreateDbContext();
        var waiting = await db.QueuedMessages.OrderBy(m => m.Position).Select(m => new QueuedMessageView(m.Id, m.Text)).ToListAsync();
        return Render<WaitingMessages>(p => p.Add(l => l.Messages, [.. waiting]));
    }

    private async Task<List<string>> WaitingAsync()
    {
        await using var db = _database.CreateDbContext();
        return await db.QueuedMessages.Where(m => m.AttemptId == _attempt).OrderBy(m => m.Position).Select(m => m.Text).ToListAsync();
    }
}
