using System.Text.Json;

namespace CodexWeb.Agent.Models;

/// <summary>What an error of a provider says.</summary>
/// <param name="Code">Its code, or its type where the code is none that is known; null when it has neither.</param>
/// <param name="Status">An HTTP status given inside, as proxies do for the provider behind them; null when there is none.</param>
/// <param name="Message">For people; null when it has none.</param>
internal sealed record ProviderErrorBody(string? Code, int? Status, string? Message)
{
    private static readonly ProviderErrorBody Nothing = new(null, null, null);

    /// <summary>Reads the body of an HTTP error; what is no JSON says nothing.</summary>
    public static ProviderErrorBody Parse(BinaryData? body)
    {
        try
        {
            using var json = JsonDocument.Parse(body?.ToMemory() ?? ReadOnlyMemory<byte>.Empty);
            return json.RootElement.ValueKind is JsonValueKind.Object ? In(json.RootElement) ?? Loose(json.RootElement) : Nothing;
        }
        catch (JsonException)
        {
            return Nothing;
        }
    }

    /// <summary>Reads <c>{"error":{"code","type","message"}}</c>, the form of OpenAI-compatible servers, some of which send a bare text or a number; null when there is no error.</summary>
    public static ProviderErrorBody? In(JsonElement root)
    {
        if (!root.TryGetProperty("error", out var error))
        {
            return Text(root, "object") is "error" ? Loose(root) : null;
        }

        return error.ValueKind switch
        {
            JsonValueKind.String => new ProviderErrorBody(null, null, error.GetString()),
            JsonValueKind.Object => Loose(error),
            _ => null,
        };
    }

    private static ProviderErrorBody Loose(JsonElement error)
    {
        var (code, type) = (Text(error, "code"), Text(error, "type"));
        int? status = error.TryGetProperty("code", out var number) && number.ValueKind is JsonValueKind.Number && number.TryGetInt32(out var value) && value is >= 400 and < 600 ? value : null;
        return new ProviderErrorBody(ProviderErrors.ByCode(code) is not null ? code : type ?? code, status, Text(error, "message") ?? Detail(error));
    }

    // What the frameworks of Python servers answer to a field they do not know.
    private static string? Detail(JsonElement error) =>
        error.TryGetProperty("detail", out var detail) ? detail.ValueKind is JsonValueKind.String ? detail.GetString() : detail.GetRawText() : null;

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
