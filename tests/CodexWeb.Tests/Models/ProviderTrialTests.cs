using CodexWeb.Models;
using static CodexWeb.Tests.Models.ProviderRig;

namespace CodexWeb.Tests.Models;

public sealed class ProviderTrialTests
{
    [Theory]
    [InlineData(ModelApi.Chat)]
    [InlineData(ModelApi.Responses)]
    public async Task A_model_that_can_be_reached_says_hello(string api)
    {
        await using var server = await ResponsesServer.StartAsync(api == ModelApi.Chat ? ChatReply.Answer("Hello\u202E\nthere!") : Reply.Answer(OutputItem.Message("Hello\u202E\nthere!")));
        await using var rig = await StartAsync();

        var greeting = Done(await rig.Trial.GreetAsync(Form(server.BaseUrl, api), null, CancellationToken.None));

        Assert.Equal((true, "Hello‹U+202E› there!"), (greeting.Works, greeting.Text));
        Assert.True(greeting.FirstWord > TimeSpan.Zero && greeting.Whole >= greeting.FirstWord);
        Assert.Equal(1000, greeting.Usage?.InputTokens);
        Assert.Equal("Bearer key-1", server.LastHeaders["Authorization"]);
    }

    [Fact]
    public async Task A_model_that_cannot_be_asked_says_why_in_the_providers_words_and_what_to_do()
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Error(401, "invalid_api_key", "Incorrect API key provided."));
        await using var rig = await StartAsync();

        var greeting = Done(await rig.Trial.GreetAsync(Form(server.BaseUrl), null, CancellationToken.None));

        Assert.Equal((false, "The model provider refused the key. Check the provider's API key and its rights in the settings. It said: HTTP 401: Incorrect API key provided."), (greeting.Works, greeting.Text));
    }

    [Fact]
    public async Task A_server_of_the_other_protocol_is_told_apart()
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Answer(OutputItem.Message("Hello.")));
        await using var rig = await StartAsync();

        Assert.Contains("not with a stream of the Chat Completions API", Done(await rig.Trial.GreetAsync(Form(server.BaseUrl), null, CancellationToken.None)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"object":"list","data":[{"id":"b"},{"id":"a"},{"id":7},null,{"id":"a"}]}""")]
    [InlineData("""{"models":[{"name":"b"},{"name":"a"}]}""")]
    [InlineData("""[{"id":"b"},{"id":"a"}]""")]
    public async Task The_models_a_server_has_can_be_picked_from(string list)
    {
        await using var server = await ResponsesServer.StartAsync();
        server.ModelList = Reply.Raw(list, contentType: "application/json");
        await using var rig = await StartAsync();

        Assert.Equal(["b", "a"], Done(await rig.Trial.ListModelsAsync(Form(server.BaseUrl), CancellationToken.None)));
    }

    [Theory]
    [InlineData(404, "{}", "HTTP 404")]
    [InlineData(200, "<html></html>", "not the list of models")]
    [InlineData(200, "{\"data\":{}}", "not the list of models")]
    [InlineData(200, "{\"data\":[]}", "is empty")]
    public async Task A_server_that_does_not_tell_its_models_leaves_them_to_be_entered_by_hand(int status, string body, string words)
    {
        await using var server = await ResponsesServer.StartAsync();
        server.ModelList = Reply.Raw(body, status, "application/json");
        await using var rig = await StartAsync();

        var refused = await rig.Trial.ListModelsAsync(Form(server.BaseUrl), CancellationToken.None);

        Assert.Contains(words, refused.Problem(), StringComparison.Ordinal);
        Assert.EndsWith("Enter the names by hand.", refused.Problem(), StringComparison.Ordinal);
    }

    private static T Done<T>(CommandResult<T> result) => Assert.IsType<CommandResult<T>.Done>(result).Value;
}
