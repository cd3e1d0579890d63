using System.Text;
using CodexWeb.Agent.Models;

namespace CodexWeb.Tests.Models;

public sealed class SkillFileTests
{
    [Fact]
    public void Front_matter_gives_name_and_description_and_the_rest_is_the_instructions()
    {
        var (skill, problem) = Read("\uFEFF---\r\nname: release-notes\r\nlicense: MIT\r\nmetadata:\r\n  tags: [a, b]\r\ndescription: >\r\n  Writes the notes\r\n  of a release.\r\n---\r\n\r\nLook at the log.\r\n");

        Assert.Null(problem);
        Assert.Equal(new SkillFile("release-notes", "Writes the notes of a release.", "Look at the log."), skill);
    }

    [Theory]
    [InlineData("Just text.", "does not begin with front matter")]
    [InlineData("---\nname: a\n", "has no end")]
    [InlineData("---\ndescription: x\n---\nbody", "no `name`")]
    [InlineData("---\nname: a\n---\nbody", "no `description`")]
    [InlineData("---\nname: a b\ndescription: x\n---\nbody", "name is not")]
    [InlineData("---\nname: a\ndescription: use it: often\n---\nbody", "no YAML that can be read (line 3)")]
    [InlineData("---\nname: [a\n---\nbody", "no YAML that can be read")]
    [InlineData("---\n- a\n---\nbody", "no YAML that can be read")]
    [InlineData("---\nname: a\ndescription: x\n---\n", "no instructions")]
    [InlineData("---\n---\nbody", "no YAML that can be read")]
    public void What_is_broken_is_named(string text, string problem) => Assert.Contains(problem, Read(text).Problem, StringComparison.Ordinal);

    [Fact]
    public void Aliases_that_would_grow_without_end_are_passed_over()
    {
        var bomb = new StringBuilder("---\na0: &a0 [x, x]\n");
        for (var level = 1; level < 60; level++)
        {
            bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{level}: &a{level} [*a{level - 1}, *a{level - 1}]\n");
        }

        var (skill, _) = Read(bomb.Append("name: calm\ndescription: Nothing grows.\n---\nbody").ToString());

        Assert.Equal("calm", skill?.Name);
    }

    private static (SkillFile? Skill, string? Problem) Read(string text) => SkillFile.Read(Encoding.UTF8.GetBytes(text));
}
