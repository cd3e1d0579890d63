using CodexWeb.Agent.Models;
using CodexWeb.Models;

namespace CodexWeb.Tests.Models;

public sealed class ProviderClientTests
{
    [Fact]
    public async Task A_request_beyond_those_a_provider_takes_waits_says_so_and_goes_on_when_there_is_a_place()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ResponsesServer.StartAsync(Reply.AnswerAfter(gate.Task, OutputItem.Message("One.")), Reply.Answer(OutputItem.Message("Two.")));
        await using var rig = await ProviderRig.StartAsync();
        await rig.Providers.AddAsync(ProviderRig.Form(server.BaseUrl, ModelApi.Responses, maxConcurrent: 1), CancellationToken.None);
        var client = rig.Catalog.ClientOf(rig.Catalog.Find("local/test-model")!);

        var first = ChatClientRig.AskAsync(client);
        var second = client.StreamAsync(ProviderRig.Request(), CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await second.MoveNextAsync());
        Assert.Equal(new ModelUpdate.Waiting("Waits for a free place at the provider local, which is sent 1 request at once."), second.Current);
        Assert.True(server.Bodies.Count <= 1);

        gate.SetResult();
        Assert.Equal("One.", ChatClientRig.TextOf(await first));
        Assert.True(await second.MoveNextAsync());
        await second.DisposeAsync();
    }

    [Fact]
    public async Task Who_stops_waiting_leaves_no_place_taken()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ResponsesServer.StartAsync(Reply.AnswerAfter(gate.Task, OutputItem.Message("One.")), Reply.Answer(OutputItem.Message("Two.")));
        await using var rig = await ProviderRig.StartAsync();
        await rig.Providers.AddAsync(ProviderRig.Form(server.BaseUrl, ModelApi.Responses, maxConcurrent: 1), CancellationToken.None);
        var client = rig.Catalog.ClientOf(rig.Catalog.Find("local/test-model")!);
        var first = ChatClientRig.AskAsync(client);

        using (var stop = new CancellationTokenSource())
        {
            var waiting = ChatClientRig.AskAsync(client, cancellationToken: stop.Token);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(5)));
        }

        await using (var left = client.StreamAsync(ProviderRig.Request(), CancellationToken.None).GetAsyncEnumerator())
        {
            // It says that it waits, and nobody reads on.
            Assert.True(await left.MoveNextAsync());
        }

        gate.SetResult();
        await first;
        Assert.Equal("Two.", ChatClientRig.TextOf(await ChatClientRig.AskAsync(client).WaitAsync(TimeSpan.FromSeconds(10))));
    }
}
