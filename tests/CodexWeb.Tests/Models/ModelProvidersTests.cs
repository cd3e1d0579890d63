using CodexWeb.Agent.Models;
using CodexWeb.Models;
using Microsoft.EntityFrameworkCore;
using static CodexWeb.Tests.Models.ProviderRig;

namespace CodexWeb.Tests.Models;

public sealed class ModelProvidersTests
{
    private static readonly Uri Address = new("http://127.0.0.1:9/v1");

    [Fact]
    public async Task A_provider_that_is_added_offers_its_models_at_once_and_after_a_restart()
    {
        await using var rig = await StartAsync();
        var changes = 0;
        rig.Catalog.Changed += (_, _) => changes++;

        var added = await rig.Providers.AddAsync(Form(Address) with { Models = [new ModelOptions { Id = "big", ContextWindow = 128_000, Images = false, InputPrice = 1, OutputPrice = 2, Efforts = ["low", "high"] }] }, CancellationToken.None);

        Assert.Null(added.Problem());
        Assert.Equal(1, changes);
        foreach (var catalog in new[] { rig.Catalog, await rig.RestartAsync() })
        {
            var model = catalog.Find("local/big")!;
            Assert.Equal((128_000, false, new ModelPrice(1, 1, 2)), (model.ContextWindow, model.Images, model.Price));
            Assert.Equal(["low", "high"], model.Efforts);
            Assert.Equal("key-1", catalog.EndpointOf(model).ApiKey);
        }
    }

    [Fact]
    public async Task A_key_is_stored_encrypted_and_never_given_out()
    {
        await using var rig = await StartAsync();
        await rig.Providers.AddAsync(Form(Address, key: "sk-very-secret"), CancellationToken.None);

        await using var db = rig.Database.CreateDbContext();
        var row = await db.ModelProviders.SingleAsync();
        Assert.DoesNotContain("sk-very-secret", row.EncryptedKey, StringComparison.Ordinal);
        var view = Assert.Single(await rig.Providers.ListAsync(CancellationToken.None));
        Assert.True(view.HasKey);
        Assert.DoesNotContain("sk-very-secret", view.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_counts_for_the_next_request_of_a_client_that_is_there_already()
    {
        await using var first = await ResponsesServer.StartAsync(ChatReply.Answer("First."));
        await using var second = await ResponsesServer.StartAsync(Reply.Answer(OutputItem.Message("Second.")));
        await using var rig = await StartAsync();
        await rig.Providers.AddAsync(Form(first.BaseUrl), CancellationToken.None);
        var client = rig.Catalog.ClientOf(rig.Catalog.Find("local/test-model")!);

        Assert.Equal("First.", ChatClientRig.TextOf(await ChatClientRig.AskAsync(client)));
        Assert.Null((await rig.Providers.ChangeAsync("local", Form(second.BaseUrl, ModelApi.Responses, "key-2"), CancellationToken.None)).Problem());
        Assert.Equal("Second.", ChatClientRig.TextOf(await ChatClientRig.AskAsync(client)));

        Assert.Equal("Bearer key-2", second.LastHeaders["Authorization"]);
    }

    [Fact]
    public async Task A_change_of_a_price_keeps_what_was_learned_of_the_server()
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Error(400, "bad", "Unknown field stream_options"), ChatReply.Answer("One."), ChatReply.Answer("Two."));
        await using var rig = await StartAsync();
        await rig.Providers.AddAsync(Form(server.BaseUrl), CancellationToken.None);
        var client = rig.Catalog.ClientOf(rig.Catalog.Find("local/test-model")!);
        await ChatClientRig.AskAsync(client);

        await rig.Providers.ChangeAsync("local", Form(server.BaseUrl, key: null) with { Models = [new ModelOptions { Id = "test-model", InputPrice = 1, OutputPrice = 1 }] }, CancellationToken.None);
        await ChatClientRig.AskAsync(client);

        Assert.Equal(3, server.Bodies.Count);
        Assert.DoesNotContain("stream_options", server.Bodies[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_is_removed_ends_the_requests_of_its_models_with_a_sentence()
    {
        await using var rig = await StartAsync();
        await rig.Providers.AddAsync(Form(Address), CancellationToken.None);
        var client = rig.Catalog.ClientOf(rig.Catalog.Find("local/test-model")!);

        Assert.Null((await rig.Providers.RemoveAsync("local", CancellationToken.None)).Problem());

        Assert.Null(rig.Catalog.Find("local/test-model"));
        var gone = await Assert.ThrowsAsync<ModelException>(() => ChatClientRig.AskAsync(client));
        Assert.Equal((ModelFailure.Gone, "The model provider 'local' was removed from the settings."), (gone.Failure, gone.Message));
        Assert.IsType<CommandResult<Nothing>.NotFound>(await rig.Providers.RemoveAsync("local", CancellationToken.None));
    }

    [Fact]
    public async Task A_key_that_cannot_be_opened_any_more_is_said_and_asked_for_again()
    {
        await using var rig = await StartAsync();
        await rig.Providers.AddAsync(Form(Address), CancellationToken.None);

        var catalog = await rig.RestartAsync(keysLost: true);

        var failed = await Assert.ThrowsAsync<ModelException>(() => ChatClientRig.AskAsync(catalog.ClientOf(catalog.Find("local/test-model")!)));
        Assert.Equal(ModelFailure.Gone, failed.Failure);
        Assert.Contains("Enter the key again", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stored_key_is_not_sent_to_another_server()
    {
        await using var other = await ResponsesServer.StartAsync(ChatReply.Answer("Hello."));
        await using var rig = await StartAsync();
        await rig.Providers.AddAsync(Form(Address), CancellationToken.None);

        Assert.NotNull((await rig.Providers.ChangeAsync("local", Form(other.BaseUrl, key: null), CancellationToken.None)).ProblemOf("key"));
        Assert.NotNull((await rig.Trial.GreetAsync(Form(other.BaseUrl, key: null), null, CancellationToken.None)).ProblemOf("key"));
        Assert.Null((await rig.Providers.ChangeAsync("local", Form(new Uri("http://127.0.0.1:9/other/v1"), key: null), CancellationToken.None)).Problem());

        Assert.Empty(other.Bodies);
        Assert.Equal("key-1", rig.Catalog.EndpointOf(rig.Catalog.Find("local/test-model")!).ApiKey);
    }

    [Fact]
    public async Task The_default_is_the_one_chosen_in_the_page_as_long_as_it_is_there()
    {
        await using var rig = await StartAsync();
        await rig.Providers.AddAsync(Form(Address, name: "first"), CancellationToken.None);
        await rig.Providers.AddAsync(Form(Address, name: "second"), CancellationToken.None);
        Assert.Equal("first/test-model", rig.Catalog.Default.Id);

        await rig.Providers.SetDefaultAsync("second/test-model", CancellationToken.None);
        Assert.Equal("second/test-model", rig.Catalog.Default.Id);
        Assert.Equal("second/test-model", (await rig.RestartAsync()).Default.Id);

        await rig.Providers.RemoveAsync("second", CancellationToken.None);
        Assert.Equal("first/test-model", rig.Catalog.Default.Id);
        Assert.NotNull((await rig.Providers.SetDefaultAsync("second/test-model", CancellationToken.None)).ProblemOf("model"));
    }

    [Fact]
    public async Task A_provider_of_the_settings_keeps_its_name()
    {
        var options = new ModelsOptions { Providers = [new ProviderOptions { Name = "own", BaseUrl = "http://localhost/v1", Api = "chat", Models = [new ModelOptions { Id = "m" }] }] };
        await using var rig = await StartAsync(options);

        Assert.NotNull((await rig.Providers.AddAsync(Form(Address, name: "own"), CancellationToken.None)).ProblemOf("name"));
        Assert.NotNull((await rig.Providers.AddAsync(Form(Address, name: "demo"), CancellationToken.None)).ProblemOf("name"));
        Assert.False(Assert.Single(await rig.Providers.ListAsync(CancellationToken.None)).Stored);
        Assert.IsType<CommandResult<ProviderView>.NotFound>(await rig.Providers.ChangeAsync("own", Form(Address), CancellationToken.None));
    }

    [Theory]
    [InlineData("name", "Big Name", "http://localhost/v1", "chat", "k")]
    [InlineData("name", "", "http://localhost/v1", "chat", "k")]
    [InlineData("baseUrl", "a", "localhost:11434/v1", "chat", "k")]
    [InlineData("baseUrl", "a", "file:///etc/passwd", "chat", "k")]
    [InlineData("baseUrl", "a", "http://user:pass@localhost/v1", "chat", "k")]
    [InlineData("baseUrl", "a", "http://localhost/v1?key=1", "chat", "k")]
    [InlineData("api", "a", "http://localhost/v1", "grpc", "k")]
    [InlineData("key", "a", "http://localhost/v1", "chat", "two words")]
    [InlineData("key", "a", "http://localhost/v1", "chat", "line\nbreak")]
    public async Task What_cannot_be_taken_is_said_field_by_field(string field, string name, string address, string api, string key)
    {
        await using var rig = await StartAsync();

        var refused = await rig.Providers.AddAsync(new ProviderForm(name, address, api, key, null, [new ModelOptions { Id = "m" }]), CancellationToken.None);

        Assert.NotNull(refused.ProblemOf(field));
        Assert.Empty(await rig.Providers.ListAsync(CancellationToken.None));
    }

    public static TheoryData<ModelOptions> WrongModels =>
    [
        new ModelOptions { Id = "" },
        new ModelOptions { Id = "two words" },
        new ModelOptions { Id = "m", ContextWindow = 10 },
        new ModelOptions { Id = "m", InputPrice = 1 },
        new ModelOptions { Id = "m", InputPrice = -1, OutputPrice = 1 },
        new ModelOptions { Id = "m", Efforts = ["Very High"] },
    ];

    [Theory]
    [MemberData(nameof(WrongModels))]
    public async Task A_model_that_cannot_be_taken_is_said(ModelOptions model)
    {
        await using var rig = await StartAsync();

        Assert.NotNull((await rig.Providers.AddAsync(Form(Address) with { Models = [model] }, CancellationToken.None)).ProblemOf("models"));
    }
}
