using CodexWeb.Data;
using CodexWeb.Tasks;

namespace CodexWeb.Tests.Tasks;

public sealed class TaskGroupsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_wants_the_person_stands_first_and_the_longest_wait_before_all()
    {
        var groups = TaskGroups.Of(
        [
            Row("done", TaskState.Done, 1),
            Row("new question", TaskState.NeedsYou, 2),
            Row("old failure", TaskState.Failed, 90),
            Row("ready", TaskState.ReadyForReview, 5),
            Row("second in line", TaskState.Queued, 3, place: 2),
            Row("first in line", TaskState.Queued, 4, place: 1),
            Row("at work", TaskState.Working, 50),
        ]);

        Assert.Equal(
            ["Needs you: old failure, new question", "Ready for review: ready", "Working: at work, first in line, second in line", "Done: done"],
            groups.Select(g => $"{g.Title}: {string.Join(", ", g.Rows.Select(r => r.Title))}"));
        Assert.Equal([false, false, false, true], groups.Select(g => g.Folded));
    }

    [Fact]
    public void What_was_put_away_is_in_no_group() =>
        Assert.Empty(TaskGroups.Of([Row("old", TaskState.Done, 1) with { Archived = true }]));

    internal static TaskRow Row(string title, TaskState state, int minutesAgo, int? place = null) => new(
        new TaskId(Guid.CreateVersion7(Now)), title, TaskMode.Code, state, "Next", place, new RepositoryId(Guid.CreateVersion7(Now)), "acme/shop", "main", "Local user", 1, 0, 0, 0, null, null, null, Archived: false,
        Now.AddMinutes(-minutesAgo), Now.AddMinutes(-minutesAgo), Source: null);
}
