using Bunit;
using CodexWeb.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Tasks;

public sealed class TaskRowComponentTests : BunitContext
{
    public TaskRowComponentTests() => Services.AddSingleton(TimeProvider.System);

    [Theory]
    [InlineData(TaskState.Queued, "Queued.")]
    [InlineData(TaskState.NeedsYou, "Needs you.")]
    [InlineData(TaskState.ReadyForReview, "Ready for review.")]
    [InlineData(TaskState.Stopped, "Stopped.")]
    public void A_row_says_its_state_in_words_too(TaskState state, string words)
    {
        var row = Render<TaskRowLink>(p => p.Add(r => r.Row, TaskGroupsTests.Row("Fix it", state, 3)));

        Assert.Contains(words, row.Find("a").TextContent, StringComparison.Ordinal);
        Assert.Contains("Next", row.Find(".step").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Archiving_is_told_with_the_row()
    {
        TaskRow? told = null;
        var given = TaskGroupsTests.Row("Fix it", TaskState.ReadyForReview, 3);
        var row = Render<TaskRowLink>(p => p.Add(r => r.Row, given).Add(r => r.Archived, r => told = r));

        row.Find("button").Click();

        Assert.Equal(given, told);
        Assert.Equal("Archive Fix it", row.Find("button").GetAttribute("aria-label"));
    }

    [Fact]
    public void The_second_line_of_a_title_from_outside_is_text()
    {
        var row = Render<TaskRowLink>(p => p.Add(r => r.Row, TaskGroupsTests.Row("<img src=x onerror=alert(1)>", TaskState.Working, 0)));

        Assert.Empty(row.FindAll("img"));
    }
}
