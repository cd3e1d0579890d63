using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests;

public sealed class AgentLoopWrittenCallTests
{
    private const string Written = "I will look.\n<tool_call>\n{\"name\": \"exec_command\", \"arguments\": {\"cmd\": \"touch ran\"}}\n</tool_call>";

    [Fact]
    public async Task A_call_written_as_text_is_sent_back_and_not_run()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Message(Written)), Reply.Answer(OutputItem.Exec("call_1", "touch asked")), Reply.Answer(OutputItem.Message("Done.")));

        Assert.IsType<TurnOutcome.Completed>(await rig.RunAsync());

        Assert.Contains("Call tools through the interface", rig.Server.Bodies[1], StringComparison.Ordinal);
        Assert.Equal((false, true), (File.Exists(Path.Combine(rig.Workspace, "ran")), File.Exists(Path.Combine(rig.Workspace, "asked"))));
    }

    [Fact]
    public async Task A_model_that_goes_on_writing_its_calls_ends_the_turn_with_what_may_be_the_cause()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Enumerable.Repeat(Reply.Answer(OutputItem.Message(Written)), 4)]);

        var failed = Assert.IsType<TurnOutcome.Failed>(await rig.RunAsync());

        Assert.Contains("parser or template", failed.Message, StringComparison.Ordinal);
        AgentLoopTests.AssertSettled(rig.Events);
    }

    [Theory]
    [InlineData("<function=exec_command>\n<parameter=cmd>ls</parameter>\n</function>", true)]
    [InlineData("[TOOL_CALLS] [{\"name\": \"exec_command\"}]", true)]
    [InlineData("Such servers answer `<tool_call>` where exec_command is meant.", false)]
    [InlineData("```\n<tool_call>\nexec_command\n</tool_call>\n```\nThat is its form.", false)]
    [InlineData("<tool_call>\nsomething_else\n</tool_call>", false)]
    public void Speaking_of_calls_is_no_call(string message, bool isCall) =>
        Assert.Equal(isCall, WrittenCall.Is(message, [new ToolDefinition.Function("exec_command", "", "{}")]));
}
