using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Tasks;

public sealed class ForkAndRewindTests(TaskApp app) : IClassFixture<TaskApp>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_fork_goes_on_from_the_step_and_leaves_the_original_as_it_is()
    {
        var source = await app.FollowUpAsync(await app.RunAsync("echo first > first.txt"), 1, "echo second > second.txt");
        var attempt = source.Attempts[0];
        var end = await SeqAsync(attempt, e => e is AgentEvent.TurnCompleted { Turn: 1 });

        using var response = await app.Client.PostAsJsonAsync($"/api/v1/attempts/{attempt.Id}/fork", new { seq = end, prompt = TaskApp.Prompt("cat first.txt > copy.txt; test -e second.txt && echo no > copy.txt; true") });
        var created = await response.Content.ReadFromJsonAsync<JsonElement>();
        var fork = await app.EndAsync(TaskId.Parse(created.GetProperty("id").GetString()!, null));
        var forked = fork.Attempts[0];

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(attempt.Id.ToString(), created.GetProperty("forkedFrom").GetProperty("attemptId").GetString());
        Assert.Equal((source.Id, source.Title, 1), (fork.ForkedFrom!.Task, fork.ForkedFrom.Title, fork.ForkedFrom.Number));
        Assert.Equal(AttemptStatus.Completed, forked.Status);
        Assert.Equal(("first\n", "first\n", null), (await app.FileAsync(forked, "first.txt"), await app.FileAsync(forked, "copy.txt"), await app.FileAsync(forked, "second.txt")));
        Assert.NotEqual(source.WorkBranch, fork.WorkBranch);
        Assert.Equal([1, 2], fork.Turns.Select(turn => turn.Number));
        Assert.Equal((2, 2), (forked.TurnNumber, forked.Files));
        Assert.True(forked.Usage.InputTokens < attempt.Usage.InputTokens);
        Assert.Equal(attempt, (await app.Queries.DetailsAsync(source.Id, None))!.Attempts[0]);
        // The conversation came along: the model's history has what the first turn said.
        var log = await EventsAsync(forked);
        Assert.Contains(log.OfType<AgentEvent.HistoryAppended>().SelectMany(h => h.Entries).OfType<ConversationEntry.User>(), entry => entry.Text.Contains("echo first > first.txt", StringComparison.Ordinal));
        Assert.Single(log, e => e is AgentEvent.ItemCompleted { Item: Item.Notice { Kind: "fork" } });
    }

    [Fact]
    public async Task A_fork_outlives_the_task_it_comes_from()
    {
        var source = await app.RunAsync("echo first > first.txt");
        var fork = Assert.IsType<CommandResult<TaskId>.Done>(await Forks.ForkAsync(source.Attempts[0].Id, null, TaskApp.Prompt("echo more >> first.txt"), null, "Ada", None)).Value;
        await app.EndAsync(fork);
        Assert.IsType<CommandResult<DeletedTask>.Done>(await app.Commands.DeleteAsync(source.Id, None));

        var task = await app.FollowUpAsync((await app.Queries.DetailsAsync(fork, None))!, 1, "echo last >> first.txt");

        Assert.Equal("first\nmore\nlast\n", await app.FileAsync(task.Attempts[0], "first.txt"));
        Assert.Null(task.ForkedFrom!.Task);
        // What its log shows of the first turn's output was copied too.
        var command = (await EventsAsync(task.Attempts[0])).OfType<AgentEvent.ItemCompleted>().Select(e => e.Item).OfType<Item.CommandExecution>().First();
        using var output = app.Services.GetRequiredService<AttemptFiles>().OpenOutput(task.Attempts[0].Id, command.Id);
        Assert.NotNull(output);
    }

    [Fact]
    public async Task What_was_sent_along_is_there_in_the_fork()
    {
        var attachments = app.Services.GetRequiredService<Attachments>();
        using var content = new MemoryStream("a note\n"u8.ToArray());
        var file = Assert.IsType<CommandResult<AttachmentView>.Done>(await attachments.AddAsync("note.txt", content, "Ada", None)).Value.Id;
        var created = await app.Commands.CreateAsync(new NewTask { RepositoryId = app.Repository, Mode = TaskMode.Code, Prompt = TaskApp.Prompt("echo first > first.txt"), Attachments = [file] }, "Ada", None);
        var source = await app.EndAsync(Assert.IsType<CommandResult<TaskId>.Done>(created).Value);

        var fork = Assert.IsType<CommandResult<TaskId>.Done>(await Forks.ForkAsync(source.Attempts[0].Id, null, TaskApp.Prompt("cat /attachments/note.txt > copy.txt"), null, "Ada", None)).Value;
        var task = await app.EndAsync(fork);
        await app.Commands.DeleteAsync(source.Id, None);

        Assert.Equal("a note\n", await app.FileAsync(task.Attempts[0], "copy.txt"));
        var shown = (await EventsAsync(task.Attempts[0])).OfType<AgentEvent.ItemCompleted>().Select(e => e.Item).OfType<Item.UserMessage>().First().Attachments![0].Id;
        Assert.NotEqual(file.ToString(), shown);
        var open = await attachments.OpenAsync(AttachmentId.Parse(shown, null), None);
        await using var bytes = open!.Value.Bytes;
        Assert.NotNull(open);
    }

    [Fact]
    public async Task Rewinding_takes_files_back_and_rewinding_again_takes_that_back()
    {
        var task = await app.FollowUpAsync(await app.RunAsync("echo one > a.txt"), 1, "echo two > a.txt; echo b > b.txt");
        var attempt = task.Attempts[0];
        var end = await SeqAsync(attempt, e => e is AgentEvent.TurnCompleted { Turn: 1 });

        using var response = await app.Client.PostAsJsonAsync($"/api/v1/attempts/{attempt.Id}/rewind", new { seq = end });
        var before = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("before").GetInt64();
        var rewound = (await app.Queries.DetailsAsync(task.Id, None))!.Attempts[0];
        var again = Assert.IsType<CommandResult<long>.Refused>(await Rewinds.RewindAsync(attempt.Id, end, None));
        Assert.IsType<CommandResult<long>.Done>(await Rewinds.RewindAsync(attempt.Id, before, None));
        var restored = (await app.Queries.DetailsAsync(task.Id, None))!.Attempts[0];

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("one\n", null, 1), (await app.FileAsync(rewound, "a.txt"), await app.FileAsync(rewound, "b.txt"), rewound.Files));
        Assert.Equal("The files are already as they were after that step.", again.Reason);
        Assert.Equal(("two\n", "b\n", 2), (await app.FileAsync(restored, "a.txt"), await app.FileAsync(restored, "b.txt"), restored.Files));
    }

    [Fact]
    public async Task The_next_turn_works_in_the_rewound_files_and_is_told()
    {
        var task = await app.FollowUpAsync(await app.RunAsync("echo one > a.txt"), 1, "echo two > a.txt");
        var attempt = task.Attempts[0];
        Assert.IsType<CommandResult<long>.Done>(await Rewinds.RewindAsync(attempt.Id, await SeqAsync(attempt, e => e is AgentEvent.TurnCompleted { Turn: 1 }), None));

        task = await app.FollowUpAsync(task, 1, "cat a.txt > seen.txt; git status --short > status.txt");

        Assert.Equal(AttemptStatus.Completed, task.Attempts[0].Status);
        Assert.Equal("one\n", await app.FileAsync(task.Attempts[0], "seen.txt"));
        Assert.Contains((await EventsAsync(attempt)).OfType<AgentEvent.HistoryAppended>().SelectMany(h => h.Entries).OfType<ConversationEntry.User>(), entry => entry.Text.StartsWith("The person rewound the files", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_is_refused_with_a_sentence()
    {
        var task = await app.RunAsync("echo one > a.txt");
        var asked = await app.RunAsync("cat lines.txt", mode: TaskMode.Ask);
        var id = task.Attempts[0].Id;

        Assert.IsType<CommandResult<long>.Invalid>(await Rewinds.RewindAsync(id, 0, None));
        Assert.IsType<CommandResult<long>.Invalid>(await Rewinds.RewindAsync(id, 1_000_000, None));
        Assert.IsType<CommandResult<long>.Refused>(await Rewinds.RewindAsync(asked.Attempts[0].Id, 5, None));
        Assert.IsType<CommandResult<long>.NotFound>(await Rewinds.RewindAsync(Id.New<AttemptId>(TimeProvider.System), 5, None));
        Assert.IsType<CommandResult<TaskId>.Invalid>(await Forks.ForkAsync(id, null, "", null, "Ada", None));
        Assert.IsType<CommandResult<TaskId>.Invalid>(await Forks.ForkAsync(id, null, "Go on.", "nowhere/none", "Ada", None));
        Assert.IsType<CommandResult<TaskId>.Invalid>(await Forks.ForkAsync(id, 1_000_000, "Go on.", null, "Ada", None));
        var fork = Assert.IsType<CommandResult<TaskId>.Done>(await Forks.ForkAsync(asked.Attempts[0].Id, null, TaskApp.Prompt("cat other.txt"), null, "Ada", None));
        Assert.Equal((TaskMode.Ask, AttemptStatus.Completed), ((await app.EndAsync(fork.Value)).Mode, (await app.EndAsync(fork.Value)).Attempts[0].Status));
    }

    private Forks Forks => app.Services.GetRequiredService<Forks>();

    private Rewinds Rewinds => app.Services.GetRequiredService<Rewinds>();

    private Task<IReadOnlyList<AgentEvent>> EventsAsync(AttemptDetails attempt) => app.Services.GetRequiredService<AttemptLog>().EventsAsync(attempt.Id, None);

    private async Task<long> SeqAsync(AttemptDetails attempt, Func<AgentEvent, bool> holds) =>
        (await app.Services.GetRequiredService<AttemptLog>().AllAsync(attempt.Id, None)).First(logged => holds(logged.Event)).Seq;
}
