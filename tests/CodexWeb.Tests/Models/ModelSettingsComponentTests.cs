using Bunit;
using CodexWeb.Models;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Models;

public sealed class ModelSettingsComponentTests : BunitContext, IAsyncLifetime
{
    private ProviderRig _rig = null!;

    public async Task InitializeAsync()
    {
        _rig = await ProviderRig.StartAsync();
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton(_rig.Providers).AddSingleton(_rig.Catalog).AddSingleton(_rig.Trial);
    }

    [Fact]
    public async Task A_provider_is_added_by_the_form_and_its_models_are_offered()
    {
        var page = Render<ModelSettings>();
        await page.FindAll("button").First(button => button.TextContent.Contains("Add a provider", StringComparison.Ordinal)).ClickAsync(new());
        await page.FindAll(".presets button").First(button => button.TextContent == "Ollama").ClickAsync(new());
        Assert.Equal("http://localhost:11434/v1", page.Find("#provider-address").GetAttribute("value"));
        await page.Find("#model-1-id").ChangeAsync(new() { Value = "coder:7b" });
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Contains("ollama/coder:7b", page.Find("table").TextContent, StringComparison.Ordinal));
        Assert.Contains("no key", page.Find("ul.card").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_stands_at_its_field()
    {
        var page = Render<ModelSettings>();
        await page.FindAll("button").First(button => button.TextContent.Contains("Add a provider", StringComparison.Ordinal)).ClickAsync(new());

        await page.Find("form").SubmitAsync();

        Assert.Equal("true", page.Find("#provider-address").GetAttribute("aria-invalid"));
        Assert.Equal("true", page.Find("#model-1-id").GetAttribute("aria-invalid"));
    }

    [Fact]
    public async Task A_provider_is_tested_in_its_row_and_removed_after_a_second_word()
    {
        await using var server = await ResponsesServer.StartAsync(ChatReply.Answer("Hello there!"), Reply.Error(401, "invalid_api_key", "Incorrect <b>key</b>."));
        await _rig.Providers.AddAsync(ProviderRig.Form(server.BaseUrl), CancellationToken.None);
        var page = Render<ModelSettings>();

        await page.Find("[aria-label='Test local']").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("“Hello there!”", page.Find("li").TextContent, StringComparison.Ordinal));
        await page.Find("[aria-label='Test local']").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("Incorrect <b>key</b>.", page.Find(".field-error").TextContent, StringComparison.Ordinal));

        await page.Find("[aria-label='Remove local']").ClickAsync(new());
        Assert.Single(await _rig.Providers.ListAsync(CancellationToken.None));
        await page.FindAll("button").First(button => button.TextContent == "Remove local with its key").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("li")));
    }

    [Fact]
    public async Task A_key_is_not_in_the_page()
    {
        await _rig.Providers.AddAsync(ProviderRig.Form(new Uri("http://127.0.0.1:9/v1"), key: "sk-very-secret"), CancellationToken.None);
        var page = Render<ModelSettings>();

        await page.Find("[aria-label='Edit local']").ClickAsync(new());

        Assert.DoesNotContain("sk-very-secret", page.Markup, StringComparison.Ordinal);
        Assert.Contains("leave empty to keep it", page.Find("#provider-key").GetAttribute("placeholder"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_is_made_the_default()
    {
        await _rig.Providers.AddAsync(ProviderRig.Form(new Uri("http://127.0.0.1:9/v1")), CancellationToken.None);
        var page = Render<ModelSettings>();

        await page.FindAll("table button")[^1].ClickAsync(new());

        page.WaitForAssertion(() => Assert.True(_rig.Catalog.Default.Demo));
    }

    Task IAsyncLifetime.DisposeAsync() => _rig.DisposeAsync().AsTask();
}
