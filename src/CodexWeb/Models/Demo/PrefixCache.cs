using System.Text;
using System.Text.Json;

namespace CodexWeb.Models.Demo;

/// <summary>
/// Counts tokens as a provider with a prompt cache would: what a request repeats of the last one with the same key, from its beginning on, is cached input.
/// A token is taken as 4 bytes. As with the real service, nothing under 1,024 tokens is cached, and the count goes in steps of 128.
/// </summary>
internal sealed class PrefixCache
{
    private const int LongestConversation = 20_000;
    private const int Conversations = 200;
    private const int SmallestHit = 1_024;
    private const int Step = 128;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long Used, List<Part> Parts)> _last = new(StringComparer.Ordinal);
    private long _uses;

    /// <summary>Tokens of a text.</summary>
    public static long TokensOf(string text) => (Encoding.UTF8.GetByteCount(text) + 3) / 4;

    /// <summary>The request's input tokens, and how many of them were in the cache. The request takes the place of the last one.</summary>
    public (long Input, long Cached) Count(ResponsesRequest request)
    {
        var parts = PartsOf(request.Json).Take(LongestConversation).ToList();
        var input = parts.Sum(part => part.Tokens);
        if (request.CacheKey.Length is 0 or > 512)
        {
            return (input, 0);
        }

        lock (_lock)
        {
            var cached = _last.TryGetValue(request.CacheKey, out var last)
                ? parts.Zip(last.Parts).TakeWhile(pair => pair.First == pair.Second).Sum(pair => pair.First.Tokens)
                : 0;
            _last[request.CacheKey] = (_uses++, parts);
            if (_last.Count > Conversations)
            {
                _last.Remove(_last.MinBy(entry => entry.Value.Used).Key);
            }

            return (input, cached < SmallestHit ? 0 : cached / Step * Step);
        }
    }

    private static IEnumerable<Part> PartsOf(JsonElement request)
    {
        foreach (var name in (string[])["instructions", "tools"])
        {
            if (request.TryGetProperty(name, out var head))
            {
                yield return Part.Of(head);
            }
        }

        var input = request.GetProperty("input");
        if (input.ValueKind is not JsonValueKind.Array)
        {
            yield return Part.Of(input);
            yield break;
        }

        foreach (var item in input.EnumerateArray())
        {
            yield return Part.Of(item);
        }
    }

    private readonly record struct Part(int Hash, long Tokens)
    {
        public static Part Of(JsonElement json)
        {
            var text = json.GetRawText();
            return new Part(string.GetHashCode(text, StringComparison.Ordinal), TokensOf(text));
        }
    }
}
