using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CodexWeb.Tests.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CodexWeb.Tests.Evaluation;

/// <summary>A Responses server on the loopback that answers each question by a rule, in whatever order they come.</summary>
internal sealed class SolvingModel : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _questions = new();
    private readonly WebApplication _app;

    private SolvingModel(WebApplication app) => _app = app;

    /// <summary>With the version, as a provider's address has it.</summary>
    public string BaseUrl => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/v1";

    /// <summary>What was asked so far: the request's input as text.</summary>
    public IReadOnlyList<string> Questions => [.. _questions];

    /// <summary>Starts one.</summary>
    /// <param name="answer">Gets the question's text and how many came before it.</param>
    public static async Task<SolvingModel> StartAsync(Func<string, int, Reply> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var model = new SolvingModel(builder.Build());
        model._app.MapPost("/v1/responses", async context =>
        {
            var input = (await JsonNode.ParseAsync(context.Request.Body))!["input"]!;
            var text = string.Join('\n', input.AsArray().SelectMany(Texts));
            model._questions.Enqueue(text);
            await answer(text, model._questions.Count - 1).WriteAsync(context);
        });
        await model._app.StartAsync();
        return model;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject value => value.SelectMany(static member => Texts(member.Value)),
        JsonArray list => list.SelectMany(Texts),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };
}
