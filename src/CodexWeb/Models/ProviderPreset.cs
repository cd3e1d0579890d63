namespace CodexWeb.Models;

/// <summary>A known service: where it listens and what it speaks. Prices change too often to be here.</summary>
/// <param name="Label">As people know it.</param>
/// <param name="Name">The provider's name it proposes.</param>
/// <param name="Local">True for a server of one's own machine, which wants no key.</param>
/// <param name="Hint">What to know before using it; null for nothing.</param>
public sealed record ProviderPreset(string Label, string Name, string BaseUrl, string Api, bool Local, string? Hint)
{
    /// <summary>All, in the order they are offered.</summary>
    public static IReadOnlyList<ProviderPreset> All { get; } =
    [
        new("OpenAI", "openai", "https://api.openai.com/v1", ModelApi.Responses, Local: false, null),
        new("DeepSeek", "deepseek", "https://api.deepseek.com/v1", ModelApi.Chat, Local: false, "Its models take no images: untick them."),
        new("Kimi", "kimi", "https://api.moonshot.ai/v1", ModelApi.Chat, Local: false, null),
        new("Ollama", "ollama", "http://localhost:11434/v1", ModelApi.Chat, Local: true, "Start it with OLLAMA_CONTEXT_LENGTH=32768 or more, and enter the same window: what is longer, it cuts without a word."),
        new("vLLM", "vllm", "http://localhost:8000/v1", ModelApi.Chat, Local: true, "Start it with --enable-auto-tool-choice and the --tool-call-parser of the model, else it refuses tools."),
        new("llama.cpp", "llama", "http://localhost:8080/v1", ModelApi.Chat, Local: true, "Start llama-server with --jinja and a window of 32768 tokens or more (-c)."),
    ];
}
