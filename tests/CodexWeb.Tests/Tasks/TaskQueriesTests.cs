using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.Models;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using CodexWeb.Tests.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CodexWeb.Tests.Tasks;

public sealed class TaskQueriesTests : IClassFixture<TestDatabase>
{
    private readonly TestDatabase _database;
    private readonly TaskQueries _queries;

    public TaskQueriesTests(TestDatabase database)
    {
        _database = database;
        var server = WebApplication.CreateSlimBuilder().Build().Services.GetRequiredService<IServer>();
        var models = new ModelCatalog(Options.Create(new ModelsOptions()), new ConfigurationBuilder().Build(), new DemoModelAddress(server), TimeProvider.System);
        _queries = new TaskQueries(database, new QueuePlaces(database), models);
    }

    [Fact]
    public async Task The_pages_of_whole_tasks_are_those_of_the_rows_and_each_is_as_it_is_alone()
    {
        await AddAsync(tasks: 5);
        var (rows, whole) = (new List<TaskId>(), new List<TaskDetails>());
        string? cursor = null;
        do
        {
            var page = await _queries.ListAsync(new TaskFilter(), 2, cursor, CancellationToken.None);
            var details = await _queries.ListDetailsAsync(new TaskFilter(), 2, cursor, CancellationToken.None);
            Assert.Equal(page.NextCursor, details.NextCursor);
            Assert.True(page.NextCursor is null || TaskQueries.IsCursor(page.NextCursor));
            rows.AddRange(page.Items.Select(row => row.Id));
            whole.AddRange(details.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(5, rows.Distinct().Count());
        Assert.Equal(rows, whole.Select(task => task.Id));
        foreach (var task in whole)
        {
            var alone = await _queries.DetailsAsync(task.Id, CancellationToken.None);
            Assert.Equal(alone!.Turns, task.Turns);
            Assert.Equal(alone.Attempts, task.Attempts);
            Assert.Equal(alone with { Turns = [], Attempts = [] }, task with { Turns = [], Attempts = [] });
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("next")]
    [InlineData("1_2")]
    [InlineData("99999999999999999_00000000-0000-0000-0000-000000000000")]
    public void What_no_list_gave_is_no_cursor(string text) => Assert.False(TaskQueries.IsCursor(text));

    private async Task AddAsync(int tasks)
    {
        await using var db = _database.CreateDbContext();
        var repository = Repository.Connect(Id.New<RepositoryId>(TimeProvider.System), "acme/shop", "/srv/shop", "main", sample: false, TimeProvider.System.GetUtcNow());
        var environment = CodexEnvironment.Create(repository.Id, "Default", TimeProvider.System);
        db.AddRange(repository, environment);
        for (var number = 1; number <= tasks; number++)
        {
            var task = CodexTask.Start(repository.Id, environment.Id, $"Task {number}", TaskMode.Code, "main", $"codexweb/task-{number}", null, "Local user", TimeProvider.System);
            task.Attempts.AddRange([Attempt.Queue(task.Id, 1, "demo/scripted", TimeProvider.System), Attempt.Queue(task.Id, 2, "demo/scripted", TimeProvider.System)]);
            task.Turns.Add(new Turn { TaskId = task.Id, Number = 1, Prompt = $"Do {number}.", CreatedAt = task.CreatedAt });
            db.Add(task);
        }

        await db.SaveChangesAsync();
    }
}
