using System.IO.Pipelines;
using System.Text;
using CodexWeb.Agent.Protocol;
using CodexWeb.Api;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CodexWeb.Tests.Api;

public sealed class EventStreamTests(ApiHost host) : IClassFixture<ApiHost>, IAsyncLifetime
{
    private readonly Pipe _answer = new();
    private readonly CancellationTokenSource _reader = new(TimeSpan.FromSeconds(30));
    private AttemptId _attempt;

    [Fact]
    public async Task A_quiet_stream_is_kept_alive_by_comments_and_goes_on_with_events()
    {
        var stream = WriteAsync(after: 0);

        Assert.Equal("retry: 1000\n\n", await ReadAsync());
        Assert.Equal(": still here\n\n", await ReadAsync());
        await Log.AppendAsync(_attempt, [new AgentEvent.TurnStarted(1)], default);
        var sent = await ReadAsync();
        while (sent.StartsWith(':'))
        {
            sent = await ReadAsync();
        }

        Assert.StartsWith("id: 1\ndata: {\"seq\":1,\"at\":\"", sent, StringComparison.Ordinal);
        Assert.EndsWith("\"type\":\"turn.started\",\"turn\":1}\n\n", sent, StringComparison.Ordinal);
        await _reader.CancelAsync();
        await stream;
    }

    [Fact]
    public async Task A_reader_that_comes_back_gets_what_it_has_not_seen()
    {
        await Log.AppendAsync(_attempt, [new AgentEvent.TurnStarted(1), new AgentEvent.TurnFailed(1, "No.")], default);

        var stream = WriteAsync(after: 1);

        Assert.Equal("retry: 1000\n\n", await ReadAsync());
        Assert.StartsWith("id: 2\n", await ReadAsync(), StringComparison.Ordinal);
        await _reader.CancelAsync();
        await stream;
    }

    [Fact]
    public async Task The_stream_of_a_deleted_attempt_ends()
    {
        var stream = WriteAsync(after: 0);
        Assert.Equal("retry: 1000\n\n", await ReadAsync());

        await using (var db = await Databases.CreateDbContextAsync())
        {
            await db.Attempts.Where(a => a.Id == _attempt).ExecuteDeleteAsync();
        }

        await stream.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.False(_reader.IsCancellationRequested);
    }

    public async Task InitializeAsync()
    {
        await using var db = await Databases.CreateDbContextAsync();
        var repository = Repository.Connect(Id.New<RepositoryId>(TimeProvider.System), "r", $"/r/{Guid.NewGuid()}", "main", sample: false, TimeProvider.System.GetUtcNow());
        var environment = CodexEnvironment.Create(repository.Id, "Default", TimeProvider.System);
        var task = CodexTask.Start(repository.Id, environment.Id, "t", TaskMode.Code, "main", "codexweb/t", reasoningEffort: null, "ada", TimeProvider.System);
        task.Attempts.Add(Attempt.Queue(task.Id, 1, "demo/scripted", TimeProvider.System));
        db.AddRange(repository, environment, task);
        // At rest, so that nothing runs it.
        db.Entry(task.Attempts[0]).Property(a => a.Status).CurrentValue = AttemptStatus.Completed;
        await db.SaveChangesAsync();
        _attempt = task.Attempts[0].Id;
    }

    public Task DisposeAsync()
    {
        _reader.Dispose();
        return Task.CompletedTask;
    }

    private AttemptLog Log => host.Services.GetRequiredService<AttemptLog>();

    private IDbContextFactory<CodexDb> Databases => host.Services.GetRequiredService<IDbContextFactory<CodexDb>>();

    private Task WriteAsync(long after)
    {
        var http = new DefaultHttpContext { RequestAborted = _reader.Token };
        http.Response.Body = _answer.Writer.AsStream();
        var stream = new EventStream(Log, host.Services.GetRequiredService<TaskQueries>(), host.Services.GetRequiredService<IHostApplicationLifetime>(), new FastClock());
        return stream.WriteAsync(http, _attempt, after);
    }

    // One block of the stream: it ends with an empty line.
    private async Task<string> ReadAsync()
    {
        while (true)
        {
            var read = await _answer.Reader.ReadAsync(_reader.Token);
            var text = Encoding.UTF8.GetString(read.Buffer);
            if (text.IndexOf("\n\n", StringComparison.Ordinal) is >= 0 and var end)
            {
                _answer.Reader.AdvanceTo(read.Buffer.GetPosition(Encoding.UTF8.GetByteCount(text.AsSpan(0, end + 2))));
                return text[..(end + 2)];
            }

            _answer.Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>A clock on which waits take a hundredth of their time.</summary>
    private sealed class FastClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / 100 : dueTime, period);
    }
}
