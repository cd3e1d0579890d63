using CodexWeb.Agent.Protocol;
using CodexWeb.Review;
using CodexWeb.Tasks;
using Microsoft.Extensions.DependencyInjection;
using BranchPush = CodexWeb.Review.BranchPush;

namespace CodexWeb.Tests.Review;

public sealed class BranchPushTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly CommitText Text = new("Round half to even", "Because.");

    [Fact]
    public async Task A_push_makes_one_commit_on_the_base_and_notes_it()
    {
        await using var rig = await StartAsync();

        var result = await Push(rig).PushAsync(rig.TaskId, null, null, Text, None);

        var pushed = Assert.IsType<CommandResult<PushedBranch>.Done>(result).Value;
        Assert.Equal("codexweb/round-half", pushed.Branch);
        Assert.Equal($"{pushed.Commit} {rig.Base} Round half to even", await rig.Ground.GitAsync(rig.Ground.Origin, "log", "-1", "--format=%H %P %s", "codexweb/round-half"));
        Assert.Equal("new", await rig.Ground.GitAsync(rig.Ground.Origin, "show", "codexweb/round-half:a.txt"));
        var task = await rig.TaskAsync();
        Assert.Equal((pushed.Branch, pushed.Commit, rig.Checkpoint, rig.AttemptId), (task.PushedBranch, task.PushedCommit, task.PushedCheckpoint, task.PushedAttemptId!.Value));
    }

    [Fact]
    public async Task A_second_push_changes_nothing_and_a_later_checkpoint_adds_a_commit()
    {
        await using var rig = await StartAsync();
        var first = Assert.IsType<CommandResult<PushedBranch>.Done>(await Push(rig).PushAsync(rig.TaskId, null, null, Text, None)).Value;
        var again = Assert.IsType<CommandResult<PushedBranch>.Done>(await Push(rig).PushAsync(rig.TaskId, null, null, Text, None)).Value;
        await rig.Ground.GitAsync(rig.Ground.Origin, "checkout", "--quiet", "-b", "later", rig.Base);
        var later = await rig.Ground.CommitAsync("Later", ("a.txt", "newer\n"));
        await rig.GoOnAsync(later);

        var second = Assert.IsType<CommandResult<PushedBranch>.Done>(await Push(rig).PushAsync(rig.TaskId, null, null, Text, None)).Value;

        Assert.Equal(first, again);
        Assert.Equal(first.Commit, await rig.Ground.GitAsync(rig.Ground.Origin, "log", "-1", "--format=%P", second.Branch));
    }

    [Fact]
    public async Task The_text_is_written_from_task_files_and_evidence()
    {
        await using var rig = await StartAsync();

        var text = await Push(rig).ProposeAsync(rig.TaskId, null, None);

        Assert.Equal("Round half to even in Money", text.Title);
        Assert.Equal(
            """
            ## Summary

            The attempt ended without a report; the changed files are listed below.

            1 file changed, +1 −1:

            - `a.txt` (+1 −1)

            ## Testing

            - Prove passed after the last edit.

            """,
            text.Body);
    }

    [Fact]
    public void A_report_is_taken_without_its_citations_and_its_own_list_of_checks()
    {
        var text = CommitTexts.Write(
            "please make the uploads endpoint answer 429 with Retry-After when somebody sends too much.",
            "## Summary\n\n✅ Done:\n```text\n\u001b[31mnoise\n```\nUploads are limited【F:src/Uploads.cs†L12-L18】, see the log【C:item_3】.\n\n## Testing\n\n✅ `make` passed\n",
            diff: null,
            evidence: null);

        Assert.Equal("please make the uploads endpoint answer 429 with Retry-After when…", text.Title);
        Assert.Equal("## Summary\n\n✓ Done:\nUploads are limited`src/Uploads.cs:12`, see the log.\n\n## Testing\n\n- No check was run.\n", text.Body);
    }

    [Theory]
    [InlineData("main")]
    [InlineData("codexweb/")]
    [InlineData("--force")]
    public async Task Other_branches_than_the_servers_own_are_refused(string branch)
    {
        await using var rig = await StartAsync();

        var invalid = Assert.IsType<CommandResult<PushedBranch>.Invalid>(await Push(rig).PushAsync(rig.TaskId, null, branch, Text, None));

        Assert.Contains("branch", invalid.Errors.Keys);
    }

    [Fact]
    public async Task While_the_attempt_works_there_is_no_push()
    {
        await using var rig = await StartAsync();
        await rig.SettleAsync(AttemptStatus.Running, rig.Checkpoint);

        Assert.IsType<CommandResult<PushedBranch>.Refused>(await Push(rig).PushAsync(rig.TaskId, null, null, Text, None));
    }

    [Fact]
    public async Task A_task_that_only_asks_has_nothing_to_push()
    {
        await using var rig = await ReviewRig.StartAsync([("a.txt", "old\n")], [("a.txt", "new\n")], TaskMode.Ask);

        var refused = Assert.IsType<CommandResult<PushedBranch>.Refused>(await Push(rig).PushAsync(rig.TaskId, null, null, Text, None));

        Assert.Equal("This task only asks: it changes nothing, so there is nothing to push.", refused.Reason);
    }

    [Fact]
    public async Task An_origin_that_is_gone_gives_a_sentence_and_notes_no_push()
    {
        await using var rig = await StartAsync();
        Directory.Move(rig.Ground.Origin, rig.Ground.Origin + "-away");

        var refused = Assert.IsType<CommandResult<PushedBranch>.Refused>(await Push(rig).PushAsync(rig.TaskId, null, null, Text, None));

        Assert.NotEmpty(refused.Reason);
        Assert.Null((await rig.TaskAsync()).PushedCommit);
    }

    private static Task<ReviewRig> StartAsync() => ReviewRig.StartAsync([("a.txt", "old\n")], [("a.txt", "new\n")]);

    private static BranchPush Push(ReviewRig rig) => rig.Services.GetRequiredService<BranchPush>();
}
