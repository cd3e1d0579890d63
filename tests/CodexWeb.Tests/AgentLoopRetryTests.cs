using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests;

public sealed class AgentLoopRetryTests
{
    [Fact]
    public async Task A_service_that_stumbles_is_asked_again_with_the_same_request_and_the_log_says_so()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code, Reply.Error(500, "server_error", "Oops."), Reply.Error(503, "overloaded", "Busy."), Reply.Answer(OutputItem.Message("Done.")));

        Assert.IsType<TurnOutcome.Completed>(await rig.RunAsync());

        var retries = rig.Completed.OfType<Item.Notice>().Where(static notice => notice.Kind == "retry").ToList();
        Assert.Equal(2, retries.Count);
        Assert.StartsWith("HTTP 500: Oops. Asking again in 0.2 s, at ", retries[0].Text, StringComparison.Ordinal);
        Assert.EndsWith("(retry 2).", retries[1].Text, StringComparison.Ordinal);
        Assert.Single(rig.Server.Bodies.Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_provider_that_says_when_to_come_back_is_asked_then()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Error(429, "rate_limit_exceeded", "Please try again in 600ms."), Reply.Answer(OutputItem.Message("Done.")));
        var before = TimeProvider.System.GetUtcNow();

        await rig.RunAsync();

        var retry = Assert.Single(rig.Completed.OfType<Item.Notice>());
        Assert.InRange(retry.Until!.Value - before, TimeSpan.FromMilliseconds(600), TimeSpan.FromSeconds(5));
        Assert.True(TimeProvider.System.GetUtcNow() >= retry.Until);
    }

    [Fact]
    public async Task A_wait_longer_than_anyone_would_wait_ends_the_turn_instead()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Error(429, "rate_limit_exceeded", "Come back tomorrow.", ("Retry-After", "86400")));

        var failed = Assert.IsType<TurnOutcome.Failed>(await rig.RunAsync());

        Assert.Equal(ModelFailure.RateLimited, failed.Failure);
        Assert.Contains("Come back tomorrow.", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pieces_of_an_answer_that_broke_off_are_discarded_by_the_notice()
    {
        await using var rig = await LoopRig.StartAsync(
            AgentMode.Code,
            Reply.Dropped(12, OutputItem.Reasoning("Thinking about it."), OutputItem.Message("Half of")),
            Reply.Unfinished(OutputItem.Message("All, but not ended")),
            Reply.Answer(OutputItem.Message("Done.")));

        await rig.RunAsync();

        var started = rig.Events.OfType<AgentEvent.ItemStarted>().Select(static started => started.Item.Id).ToList();
        var discarded = rig.Completed.OfType<Item.Notice>().SelectMany(static notice => notice.Discards ?? []).ToList();
        var completed = rig.Completed.Select(static item => item.Id).ToList();
        Assert.Equal(started.Count, discarded.Count + 1);
        Assert.All(discarded, id => Assert.DoesNotContain(id, completed));
        Assert.Equal("Done.", Assert.Single(rig.Completed.OfType<Item.AgentMessage>()).Text);
        AgentLoopTests.AssertSettled(rig.Events);
    }

    [Fact]
    public async Task A_request_is_repeated_four_times_and_no_more()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Enumerable.Repeat(Reply.Error(500, "server_error", "Try again in 1ms."), 9)]);

        var failed = Assert.IsType<TurnOutcome.Failed>(await rig.RunAsync());

        Assert.Equal((5, ModelFailure.Unavailable), (rig.Server.Bodies.Count, failed.Failure));
        Assert.Equal(failed.Message, rig.Completed.OfType<Item.Error>().Single().Message);
        AgentLoopTests.AssertSettled(rig.Events);
    }

    [Fact]
    public async Task A_stream_is_repeated_five_times_and_no_more()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Enumerable.Repeat(Reply.Failed("server_error", "Try again in 1ms.", OutputItem.Message("Half")), 9)]);

        Assert.IsType<TurnOutcome.Failed>(await rig.RunAsync());

        Assert.Equal(6, rig.Server.Bodies.Count);
        AgentLoopTests.AssertSettled(rig.Events);
    }

    [Theory]
    [InlineData(401, "invalid_api_key", ModelFailure.Denied)]
    [InlineData(400, "invalid_value", ModelFailure.Refused)]
    [InlineData(400, "context_length_exceeded", ModelFailure.ContextTooLong)]
    [InlineData(429, "insufficient_quota", ModelFailure.QuotaExceeded)]
    public async Task What_asking_again_cannot_help_ends_the_turn_at_once_with_the_providers_words(int status, string code, ModelFailure failure)
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Error(status, code, "In the provider's own words."));

        var failed = Assert.IsType<TurnOutcome.Failed>(await rig.RunAsync());

        Assert.Equal((1, failure), (rig.Server.Bodies.Count, failed.Failure));
        Assert.Contains("In the provider's own words.", failed.Message, StringComparison.Ordinal);
        Assert.Contains(new AgentEvent.TurnFailed(1, failed.Message), rig.Events);
    }

    [Fact]
    public void Waits_double_and_differ_by_a_tenth()
    {
        var retries = new Retries(new AgentLimits());
        var failure = new ModelException(ModelFailure.Unavailable, "Gone.");

        var waits = Enumerable.Range(0, 5).Select(_ => retries.Next(failure, began: true)!.Value.TotalMilliseconds).ToList();

        foreach (var (wait, expected) in waits.Zip([200.0, 400, 800, 1600, 3200]))
        {
            Assert.InRange(wait, expected * 0.9, expected * 1.1);
        }

        Assert.Null(retries.Next(failure, began: true));
    }
}
