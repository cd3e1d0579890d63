using System.Text.Json;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Tests.Protocol;

public sealed class ProtocolJsonTests
{
    public static TheoryData<AgentEvent, string> Events => new()
    {
        { new AgentEvent.StatusChanged(AttemptStatus.WaitingForApproval, "why"), """{"type":"status.changed","status":"waiting_for_approval","reason":"why"}""" },
        { new AgentEvent.PhaseChanged(AttemptPhase.SetUp, PhaseState.Completed, 12), """{"type":"phase.changed","phase":"set_up","state":"completed","durationMs":12}""" },
        { new AgentEvent.ItemUpdated("item_1", "more"), """{"type":"item.updated","itemId":"item_1","delta":"more"}""" },
        { new AgentEvent.ItemCompleted(new Item.AgentMessage("item_1", "<b>é", Final: true)), """{"type":"item.completed","item":{"type":"agent_message","text":"<b>é","final":true,"id":"item_1"}}""" },
        { new AgentEvent.HistoryAppended([new ConversationEntry.User("hi")]), """{"type":"history.appended","entries":[{"type":"user","text":"hi"}]}""" },
    };

    [Theory]
    [MemberData(nameof(Events))]
    public void An_event_has_the_published_form_and_is_read_back_the_same(AgentEvent @event, string json)
    {
        Assert.Equal(json, ProtocolJson.Write(@event));
        Assert.Equal(json, ProtocolJson.Write(ProtocolJson.ReadEvent(json)));
    }

    [Theory]
    [InlineData("""{"type":"from.the.future","x":[1,2]}""")]
    [InlineData("""{"type":"item.completed","item":{"type":"hologram","id":"item_9","depth":3}}""")]
    public void A_kind_this_version_does_not_know_survives_a_round_trip(string json) =>
        Assert.Equal(json, ProtocolJson.Write(ProtocolJson.ReadEvent(json)));

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"type":3}""")]
    [InlineData("null")]
    public void What_is_no_event_is_refused(string json) => Assert.Throws<JsonException>(() => ProtocolJson.ReadEvent(json));
}
