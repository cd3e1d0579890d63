using CodexWeb.Agent.Tools.Mcp;

namespace CodexWeb.Tests.Tools.Mcp;

public sealed class McpToolNameTests
{
    [Theory]
    [InlineData("files", "read_file", "mcp__files__read_file")]
    [InlineData("my files", "read.file/é", "mcp__my_files__read_file__")]
    [InlineData("s", "2026-list", "mcp__s__2026-list")]
    public void A_name_has_only_what_providers_take(string server, string tool, string name) =>
        Assert.Equal(name, McpToolName.Of(server, tool, new HashSet<string>(StringComparer.Ordinal)));

    [Fact]
    public void Names_that_would_be_the_same_or_too_long_differ_and_are_the_same_each_time()
    {
        var (first, second) = (Names(), Names());

        Assert.Equal(first, second);
        Assert.Equal(first.Count, first.Distinct(StringComparer.Ordinal).Count());
        Assert.All(first, static name => Assert.Matches("^mcp__[A-Za-z0-9_-]{1,59}$", name));

        static List<string> Names()
        {
            var taken = new HashSet<string>(StringComparer.Ordinal);
            return [.. new[] { "a.b", "a/b", "a_b", new string('x', 100), new string('x', 101), new string('x', 54) }.Select(tool => McpToolName.Of("server", tool, taken))];
        }
    }
}
