using System.Text.Json.Nodes;

namespace CodexWeb.Models.Demo;

/// <summary>The <c>response</c> object of an answer.</summary>
internal sealed class ResponseJson(ResponsesRequest request, IReadOnlyList<OutputItem> items, (long Input, long Cached) input, DateTimeOffset now)
{
    // Settings of the request that the answer repeats.
    private static readonly string[] Repeated = ["instructions", "tools", "tool_choice", "parallel_tool_calls", "reasoning", "metadata", "prompt_cache_key", "store"];

    private readonly string _id = OutputItem.NewId("resp");

    /// <summary>The object before anything was answered.</summary>
    public JsonObject Begun() => Json("in_progress", [], usage: null);

    /// <summary>The object with the whole answer.</summary>
    public JsonObject Done() => Json("completed", new JsonArray([.. items.Select(item => item.Done())]), Usage());

    private JsonObject Json(string status, JsonArray output, JsonObject? usage)
    {
        var json = new JsonObject
        {
            ["id"] = _id,
            ["object"] = "response",
            ["created_at"] = now.ToUnixTimeSeconds(),
            ["status"] = status,
            ["error"] = null,
            ["incomplete_details"] = null,
            ["model"] = DemoModel.Name,
            ["output"] = output,
            ["previous_response_id"] = null,
            ["usage"] = usage,
        };
        foreach (var name in Repeated)
        {
            if (request.Json.TryGetProperty(name, out var value))
            {
                json[name] = JsonNode.Parse(value.GetRawText());
            }
        }

        return json;
    }

    private JsonObject Usage()
    {
        var reasoning = items.OfType<OutputItem.Reasoning>().Sum(item => PrefixCache.TokensOf(item.Text));
        var output = items.Sum(item => PrefixCache.TokensOf(item.Text));
        return new JsonObject
        {
            ["input_tokens"] = input.Input,
            ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = input.Cached },
            ["output_tokens"] = output,
            ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = reasoning },
            ["total_tokens"] = input.Input + output,
        };
    }
}
