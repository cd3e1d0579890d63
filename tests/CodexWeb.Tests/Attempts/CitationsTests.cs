using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Ui.Markup;

namespace CodexWeb.Tests.Attempts;

public sealed class CitationsTests
{
    private static readonly AgentEvent[] Log =
    [
        new AgentEvent.ItemStarted(new Item.CommandExecution("item_3", "make", "", ItemStatus.InProgress)),
        new AgentEvent.ItemCompleted(new Item.AgentMessage("item_4", "hello")),
        new AgentEvent.ItemCompleted(new Item.CommandExecution("item_5", "ls", "", ItemStatus.Completed, ExitCode: 0)),
    ];

    private static Task<string?> Read(string path, CancellationToken cancellationToken) => Task.FromResult(path switch
    {
        "src/a.c" => "1\n2\n3\n",
        "b.txt" => "only",
        "empty" => "",
        _ => null,
    });

    private static Task<ResolvedAnswer> ResolveAsync(string markdown) => Citations.ResolveAsync(markdown, Log, Read, CancellationToken.None);

    [Theory]
    [InlineData("ran 【C:item_3】, then 【C:item_5】.", "ran 【C:item_3】, then 【C:item_5】.")]
    [InlineData("said 【C:item_4】.", "said.")]
    [InlineData("gone 【C:item_99】 and on", "gone and on")]
    [InlineData("here 【F:src/a.c†L1-L3】", "here 【F:src/a.c†L1-L3】")]
    [InlineData("here 【F:/workspace/src/a.c†L2】 【F:./b.txt†L1】", "here 【F:src/a.c†L2】 【F:b.txt†L1】")]
    [InlineData("too far 【F:src/a.c†L2-L9】 【F:src/a.c†L4】", "too far 【F:src/a.c†L2-L3】")]
    [InlineData("loosely 【F:src/a.c†L1-3】【F:src/a.c†L3-1】", "loosely 【F:src/a.c†L1-L3】【F:src/a.c†L3-1】")]
    [InlineData("none 【F:no.c†L1】【F:empty†L1】", "none")]
    [InlineData("out 【F:../a†L1】【F:/etc/passwd†L1】【F:--output†L1】【F:a//b†L1】", "out")]
    [InlineData("`code 【C:item_99】` stays", "`code 【C:item_99】` stays")]
    [InlineData("malformed 【F:src/a.c】 【Z:1】 stay", "malformed 【F:src/a.c】 【Z:1】 stay")]
    public async Task Only_what_points_at_something_is_left(string markdown, string resolved) => Assert.Equal(resolved, (await ResolveAsync(markdown)).Markdown);

    [Fact]
    public async Task What_is_cited_is_listed_once_and_each_file_is_read_once()
    {
        var reads = 0;
        var answer = await Citations.ResolveAsync("【F:b.txt†L1】【F:b.txt†L1】【F:no†L1】【F:no†L2】【C:item_5】", Log, (path, token) =>
        {
            reads++;
            return Read(path, token);
        }, CancellationToken.None);

        Assert.Equal([new Citation.File("b.txt", 1, 1), new Citation.Command("item_5")], answer.Citations);
        Assert.Equal(2, reads);
    }

    [Fact]
    public void For_readers_elsewhere_citations_become_links() => Assert.Equal(
        "see [a.c:1-2](</files/src/a.c>) and.",
        Citations.ToLinks("see 【F:src/a.c†L1-L2】 and 【C:item_1】.", citation => citation is Citation.File file ? $"/files/{file.Path}" : null));
}
