using CodexWeb.Tasks;

namespace CodexWeb.Tests.Tasks;

public sealed class FuzzyPathsTests
{
    private static readonly string[] Paths =
    [
        "README.md", "src/App/TaskCommands.cs", "src/App/TaskCommands.Create.cs", "src/App/Commands/Run.cs", "tests/App/TaskCommandsTests.cs", "docs/task/commands.md", "wwwroot/js/composer.js",
    ];

    [Theory]
    [InlineData("readme", "README.md")]
    [InlineData("TaskCommands.cs", "src/App/TaskCommands.cs")]
    [InlineData("tccr", "src/App/TaskCommands.Create.cs")]
    [InlineData("tests/task", "tests/App/TaskCommandsTests.cs")]
    [InlineData("js/comp", "wwwroot/js/composer.js")]
    public void The_file_that_is_meant_comes_first(string query, string path) => Assert.Equal(path, FuzzyPaths.Find(Paths, query, 5).Paths[0]);

    [Fact]
    public void What_lacks_a_character_is_not_offered_and_what_is_cut_is_counted()
    {
        Assert.Empty(FuzzyPaths.Find(Paths, "zzz", 5).Paths);

        var (paths, found) = FuzzyPaths.Find(Paths, "task", 2);

        Assert.Equal(2, paths.Count);
        Assert.Equal(4, found);
    }

    [Fact]
    public void With_nothing_typed_the_shallow_files_come_first() => Assert.Equal("README.md", FuzzyPaths.Find(Paths, "", 3).Paths[0]);
}
