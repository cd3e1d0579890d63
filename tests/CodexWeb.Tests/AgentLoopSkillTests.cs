using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests;

public sealed class AgentLoopSkillTests
{
    [Fact]
    public async Task Skills_are_listed_once_and_the_one_the_prompt_names_is_given_with_its_instructions()
    {
        await using var rig = await RigAsync(turns: 2);
        Skill(rig, "notes", "name: release-notes\ndescription: Writes notes.", "Look at the log first.");
        Skill(rig, "lint", "name: lint\ndescription: Cleans code.", "Run the linter.");

        await rig.RunAsync("Use $release-notes. Not $PATH, not x$lint.");
        await LoopRig.RunAsync(rig.Turn("And again.", Resumption.From(rig.Events)));

        var said = Said(rig, 1);
        var list = Assert.Single(said, static text => text.StartsWith("# Skills\n", StringComparison.Ordinal));
        Assert.Contains("\n- lint: Cleans code. (`.agents/skills/lint/SKILL.md`)", list, StringComparison.Ordinal);
        Assert.Contains("\n- release-notes: Writes notes. (`.agents/skills/notes/SKILL.md`)", list, StringComparison.Ordinal);
        var selected = Assert.Single(said, static text => text.StartsWith("# Selected skill ", StringComparison.Ordinal));
        Assert.StartsWith("# Selected skill release-notes\n", selected, StringComparison.Ordinal);
        Assert.Contains("Look at the log first.", selected, StringComparison.Ordinal);
        Assert.Equal("Skill release-notes is used: Writes notes.", Assert.Single(Notices(rig)));
    }

    [Fact]
    public async Task Broken_and_doubled_skills_are_named_in_a_notice_and_the_turn_goes_on()
    {
        await using var rig = await RigAsync(turns: 1);
        Skill(rig, "a", "name: same\ndescription: First.", "One.");
        Skill(rig, "b", "name: Same\ndescription: Second.", "Two.");
        Skill(rig, "c", "name: only", "Three.");

        Assert.IsType<TurnOutcome.Completed>(await rig.RunAsync("Go."));

        Assert.Equal(
            "Skills left out: .agents/skills/b/SKILL.md (another is called Same, too); .agents/skills/c/SKILL.md (its front matter has no `description`).",
            Assert.Single(Notices(rig)));
    }

    [Fact]
    public async Task The_list_takes_two_per_cent_of_the_window_at_most_and_says_what_it_leaves_out()
    {
        await using var rig = await RigAsync(turns: 1);
        for (var number = 0; number < 30; number++)
        {
            Skill(rig, $"s{number:00}", $"name: skill-{number:00}\ndescription: {new string('d', 60)}", "Body.");
        }

        // 20,000 tokens of four bytes: two per cent are 1,600 bytes.
        await LoopRig.RunAsync(rig.Turn("Go.") with { ContextWindow = 20_000 });

        var list = Said(rig, 0).Single(static text => text.StartsWith("# Skills\n", StringComparison.Ordinal));
        Assert.InRange(list.Length, 1_000, 1_700);
        Assert.Contains("more are not listed here", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_skills_nothing_is_said_of_them()
    {
        await using var rig = await RigAsync(turns: 1);

        await rig.RunAsync("Use $nothing.");

        Assert.Equal(["Use $nothing."], Said(rig, 0));
    }

    private static async Task<LoopRig> RigAsync(int turns) =>
        await LoopRig.StartAsync(AgentMode.Code, [.. Enumerable.Range(0, turns).Select(static _ => Reply.Answer(OutputItem.Message("Done.")))]);

    private static void Skill(LoopRig rig, string folder, string frontMatter, string body)
    {
        foreach (var path in new[] { ".agents", ".agents/skills", $".agents/skills/{folder}" })
        {
            rig.MakeFolder(path);
        }

        rig.Write($".agents/skills/{folder}/SKILL.md", $"---\n{frontMatter}\n---\n\n{body}\n");
    }

    private static List<string> Said(LoopRig rig, int request) =>
        [.. rig.Server.InputOf(request).Where(static item => (string?)item!["role"] == "user").Select(static item => (string)item!["content"]![0]!["text"]!)];

    private static IEnumerable<string> Notices(LoopRig rig) => rig.Completed.OfType<Item.Notice>().Where(static notice => notice.Kind is "skill").Select(static notice => notice.Text);
}
