using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using CodexWeb.Tests.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tests.Tasks;

public sealed class ForecastsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TestDatabase _database = new();
    private readonly RepositoryId _repository = Id.New<RepositoryId>(TimeProvider.System);
    private EnvironmentId _environment;
    private int _tasks;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        await using var db = _database.CreateDbContext();
        var environment = CodexEnvironment.Create(_repository, "Default", TimeProvider.System);
        _environment = environment.Id;
        db.AddRange(Repository.Connect(_repository, "shop", "/srv/shop", "main", sample: false, Begin), environment);
        await db.SaveChangesAsync();
    }

    public Task DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task It_is_the_middle_half_of_what_attempts_took_and_cost()
    {
        foreach (var minutes in (int[])[10, 2, 8, 4, 6])
        {
            await AddAsync(minutes, cost: minutes / 10m);
        }

        var forecast = await ForAsync();

        Assert.Equal((5, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(8)), (forecast.Attempts, forecast.Time!.Value.From, forecast.Time.Value.To));
        Assert.Equal((0.4m, 0.8m), forecast.Cost);
    }

    [Fact]
    public async Task Between_two_values_it_lies_in_proportion()
    {
        foreach (var minutes in (int[])[1, 2, 3, 4])
        {
            await AddAsync(minutes, cost: null);
        }

        var forecast = await ForAsync();

        Assert.Equal((TimeSpan.FromSeconds(105), TimeSpan.FromSeconds(195)), forecast.Time);
        Assert.Null(forecast.Cost);
    }

    [Fact]
    public async Task With_fewer_than_three_there_is_none()
    {
        await AddAsync(4, cost: 1);
        await AddAsync(5, cost: 1);

        Assert.Equal(new Forecast(2, null, null), await ForAsync());
    }

    [Fact]
    public async Task Other_modes_models_states_and_reviews_do_not_count()
    {
        await AddAsync(1, cost: 1);
        await AddAsync(1, cost: 1, mode: TaskMode.Ask);
        await AddAsync(1, cost: 1, status: AttemptStatus.Failed);
        await AddAsync(1, cost: 1, review: true);
        await AddAsync(1, cost: 1, model: "other/model");

        Assert.Equal(2, (await ForAsync()).Attempts);
        Assert.Equal(1, (await ForAsync("demo/scripted")).Attempts);
        Assert.Equal(1, (await new Forecasts(_database).ForAsync(_repository, TaskMode.Ask, null, CancellationToken.None)).Attempts);
    }

    [Fact]
    public async Task The_newest_fifty_count_alone()
    {
        for (var old = 0; old < 30; old++)
        {
            await AddAsync(500, cost: null);
        }

        for (var number = 0; number < Forecasts.Newest; number++)
        {
            await AddAsync(3, cost: null);
        }

        var forecast = await ForAsync();

        Assert.Equal((Forecasts.Newest, TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(3)), (forecast.Attempts, forecast.Time!.Value.From, forecast.Time.Value.To));
    }

    [Fact]
    public async Task Rest_between_turns_is_no_work()
    {
        for (var number = 0; number < 3; number++)
        {
            await AddAsync(600, cost: null, turn: 2, workedMinutes: 7);
        }

        Assert.Equal(TimeSpan.FromMinutes(7), (await ForAsync()).Time!.Value.To);
    }

    [Theory]
    [InlineData(10, 20, "less than a minute")]
    [InlineData(20, 130, "up to 2 min")]
    [InlineData(230, 250, "about 4 min")]
    [InlineData(240, 540, "4–9 min")]
    public void Times_are_said_in_whole_minutes(int from, int to, string words) => Assert.Equal(words, ForecastLine.Minutes(TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to)));

    [Theory]
    [InlineData("0.001", "0.002", "less than $0.01")]
    [InlineData("0.001", "0.2", "up to $0.20")]
    [InlineData("0.2", "0.6", "$0.20–$0.60")]
    [InlineData("0.2", "0.2", "about $0.20")]
    [InlineData("0", "0", "$0.00")]
    public void Costs_are_said_as_money(string from, string to, string words) =>
        Assert.Equal(words, ForecastLine.Cost(decimal.Parse(from, System.Globalization.CultureInfo.InvariantCulture), decimal.Parse(to, System.Globalization.CultureInfo.InvariantCulture)));

    private Task<Forecast> ForAsync(string? model = null) => new Forecasts(_database).ForAsync(_repository, TaskMode.Code, model, CancellationToken.None);

    private async Task AddAsync(
        int minutes,
        decimal? cost,
        TaskMode mode = TaskMode.Code,
        AttemptStatus status = AttemptStatus.Completed,
        string model = "demo/scripted",
        bool review = false,
        int turn = 1,
        int workedMinutes = 0)
    {
        var (number, started) = (++_tasks, Begin.AddDays(_tasks));
        await using var db = _database.CreateDbContext();
        var task = CodexTask.Start(_repository, _environment, $"Task {number}", mode, "main", $"codexweb/{number}", null, "Ada", TimeProvider.System, review: review ? Id.New<CodeReviewId>(TimeProvider.System) : null);
        var attempt = Attempt.Queue(task.Id, 1, model, TimeProvider.System);
        task.Attempts.Add(attempt);
        db.Add(task);
        await db.SaveChangesAsync();
        await db.Attempts.Where(a => a.Id == attempt.Id).ExecuteUpdateAsync(set => set
            .SetProperty(a => a.Status, status)
            .SetProperty(a => a.StartedAt, started)
            .SetProperty(a => a.EndedAt, started.AddMinutes(minutes))
            .SetProperty(a => a.TurnNumber, turn)
            .SetProperty(a => a.WorkedMs, workedMinutes * 60_000L)
            .SetProperty(a => a.Cost, cost));
    }
}
