using System.ClientModel.Primitives;
using System.Text.Json;

namespace CodexWeb.Agent.Models;

/// <summary>Which models a provider says it has: <c>GET {base}/models</c>.</summary>
public static class OfferedModels
{
    private const string Api = "list of models";
    private const int MostNames = 2000;

    /// <summary>The names, in the provider's order, each once.</summary>
    /// <exception cref="ModelException">It refused, failed, was silent for 15 seconds, or answered something else.</exception>
    public static async Task<IReadOnlyList<string>> ListAsync(ProviderEndpoint endpoint, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        using var watch = new StreamWatch(Api, TimeSpan.FromSeconds(15), time, cancellationToken);
        return await watch.GuardAsync(async () =>
        {
            var answer = await ProviderConnection.Client(endpoint).GetOpenAIModelClient().GetModelsAsync(new RequestOptions { CancellationToken = watch.Token, BufferResponse = false });
            using var response = answer.GetRawResponse();
            await using var body = new HeardStream(response.ContentStream ?? Stream.Null, watch);
            using var json = await JsonDocument.ParseAsync(body, cancellationToken: watch.Token);
            return Names(json.RootElement);
        });
    }

    // Most servers call the list data; Ollama's own interface, and some others, models.
    private static IReadOnlyList<string> Names(JsonElement root)
    {
        var list = root.ValueKind is JsonValueKind.Array ? root
            : root.ValueKind is JsonValueKind.Object && (root.TryGetProperty("data", out var found) || root.TryGetProperty("models", out found)) && found.ValueKind is JsonValueKind.Array ? found
            : throw new JsonException("It has no list in it.");
        return [.. list.EnumerateArray().Select(NameOf).OfType<string>().Distinct(StringComparer.Ordinal).Take(MostNames)];
    }

    private static string? NameOf(JsonElement model) =>
        model.ValueKind is JsonValueKind.Object && (model.TryGetProperty("id", out var name) || model.TryGetProperty("name", out name)) && name.ValueKind is JsonValueKind.String
        && name.GetString() is { Length: > 0 and <= 200 } text && !text.Any(char.IsControl) ? text : null;
}
