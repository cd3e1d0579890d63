using CodexWeb.Agent.Protocol;
using static CodexWeb.Tests.Models.ChatClientRig;
using static CodexWeb.Tests.Models.ChatReply;

namespace CodexWeb.Tests.Models;

/// <summary>Tool calls as servers stream them that keep less closely to the protocol.</summary>
public sealed class ChatCallsTests
{
    private const string Ls = """{"cmd":"ls"}""";

    private static string End => Finish("tool_calls");

    [Fact]
    public async Task A_call_without_an_id_is_given_one_of_its_own()
    {
        var updates = await AskAsync(Call(0, null, "exec_command", Ls), Call(1, "", "list", "{}"), End);

        var ids = EntriesOf(updates).Cast<ConversationEntry.ToolCall>().Select(static call => call.CallId).ToList();
        Assert.Equal(2, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.All(ids, static id => Assert.StartsWith("call_", id, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, "a", "b")]
    [InlineData(0, null, null)]
    [InlineData(null, "a", "b")]
    [InlineData(null, null, null)]
    public async Task Calls_that_share_an_index_or_have_none_stay_apart(int? index, string? first, string? second)
    {
        var updates = await AskAsync(Call(index, first, "exec_command", Ls), Call(index, second, "exec_command", """{"cmd":"pwd"}"""), Call(index, second is null ? null : "c", "list", "{}"), End);

        Assert.Equal([("exec_command", Ls), ("exec_command", """{"cmd":"pwd"}"""), ("list", "{}")], CallsOf(updates));
    }

    [Fact]
    public async Task Calls_whose_pieces_come_mixed_are_put_together_by_their_index()
    {
        var updates = await AskAsync(Call(0, "a", "exec_command", "{\"cmd\":"), Call(1, "b", "list", "{"), Call(0, null, null, "\"ls\"}"), Call(1, null, null, "}"), End);

        Assert.Equal([("exec_command", Ls), ("list", "{}")], CallsOf(updates));
    }

    [Fact]
    public async Task A_name_that_is_repeated_with_each_piece_is_one_name_and_one_in_pieces_too()
    {
        Assert.Equal([("exec_command", Ls)], CallsOf(await AskAsync(Call(0, "a", "exec_command", ""), Call(0, "a", "exec_command", "{\"cmd\":"), Call(0, "a", "exec_command", "\"ls\"}"), Call(0, "a", "exec_command", ""), End)));
        Assert.Equal([("exec_command", Ls)], CallsOf(await AskAsync(Call(0, "a", "exec_", ""), Call(0, null, "command", ""), Call(0, null, null, Ls), End)));
        Assert.Equal([("list", ""), ("exec_command", Ls)], CallsOf(await AskAsync(Call(0, null, "list", ""), Call(0, null, "exec_command", Ls), End)));
    }

    [Fact]
    public async Task Arguments_that_come_as_an_object_are_taken_as_their_text()
    {
        var updates = await AskAsync(
            Delta("""
                "tool_calls":[{"id":"a","function":{"name":"exec_command","arguments":{"cmd":"ls"}}},{"id":"b","function":{"name":"apply_patch","arguments":{"input":"*** Begin"}}}]
                """),
            End);

        Assert.Equal([("exec_command", Ls), ("apply_patch", "*** Begin")], CallsOf(updates));
    }

    [Fact]
    public async Task Calls_of_an_answer_that_ended_with_stop_are_calls() =>
        Assert.Equal([("exec_command", Ls)], CallsOf(await AskAsync(Call(0, "a", "exec_command", Ls), Finish("stop"))));

    [Fact]
    public async Task The_older_form_of_a_call_is_one() =>
        Assert.Equal([("exec_command", Ls)], CallsOf(await AskAsync(
            Delta("""
                "function_call":{"name":"exec_command","arguments":"{\"cmd\":"}
                """),
            Delta("""
                "function_call":{"arguments":"\"ls\"}"}
                """),
            Finish("function_call"))));

    [Fact]
    public async Task A_call_cut_at_the_output_limit_is_left_out_and_those_before_it_are_not()
    {
        Assert.Equal([("list", "{}")], CallsOf(await AskAsync(Call(0, "a", "list", "{}"), Call(1, "b", "exec_command", """{"cmd":"rm -rf /tmp/"""), Finish("length"))));
        Assert.Equal([("exec_command", Ls)], CallsOf(await AskAsync(Call(0, "a", "exec_command", Ls), Finish("length"))));
    }

    [Theory]
    [InlineData("{\"cmd\": ls}")]
    [InlineData("{\"cmd\":\"ls\"")]
    [InlineData("ls -la")]
    public async Task Malformed_arguments_are_kept_for_the_tool_to_refuse(string arguments) =>
        Assert.Equal([("exec_command", arguments)], CallsOf(await AskAsync(Call(0, "a", "exec_command", arguments), End)));

    [Theory]
    [InlineData("*** Begin Patch\n*** End Patch", "*** Begin Patch\n*** End Patch")]
    [InlineData("""{"patch":"*** Begin"}""", """{"patch":"*** Begin"}""")]
    [InlineData("""{"input":"*** Beg""", """{"input":"*** Beg""")]
    public async Task A_patch_in_another_wrapping_is_left_to_the_tool(string arguments, string kept)
    {
        var call = Assert.IsType<ConversationEntry.ToolCall>(Assert.Single(EntriesOf(await AskAsync(Call(0, "a", "apply_patch", arguments), End))));

        Assert.Equal((kept, true), (call.Arguments, call.Custom));
    }
}
