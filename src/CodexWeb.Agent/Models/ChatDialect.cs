namespace CodexWeb.Agent.Models;

/// <summary>What a server that speaks Chat Completions takes of what not all of them take. Learned from its refusals.</summary>
internal sealed record ChatDialect
{
    // A refusal names the field; those of templates name the rule.
    private static readonly (string[] Words, Func<ChatDialect, bool> Has, Func<ChatDialect, ChatDialect> Drop)[] Optional =
    [
        (["stream_options", "include_usage"], static d => d.StreamOptions, static d => d with { StreamOptions = false }),
        (["parallel_tool_calls"], static d => d.ParallelToolCalls, static d => d with { ParallelToolCalls = false }),
        (["prompt_cache_key"], static d => d.CacheKey, static d => d with { CacheKey = false }),
        (["reasoning_effort", "reasoning effort"], static d => d.Effort, static d => d with { Effort = false }),
        (["response_format", "json_schema", "grammar", "structured output"], static d => d.ResponseFormat, static d => d with { ResponseFormat = false }),
        (["reasoning_content", "reasoning"], static d => d.ReasoningBack, static d => d with { ReasoningBack = false }),
        (["system role", "role 'system'", "role \"system\"", "system message", "must alternate", "only user and assistant", "only user and model"], static d => d.Roles, static d => d with { Roles = false }),
        (["image", "vision", "multimodal", "multi-modal"], static d => d.Images, static d => d with { Images = false }),
    ];

    /// <summary>The last chunk is asked to count tokens.</summary>
    public bool StreamOptions { get; init; } = true;

    /// <summary>Several calls in one answer are asked for.</summary>
    public bool ParallelToolCalls { get; init; } = true;

    /// <summary>The attempt is named, so that its requests meet the same cache.</summary>
    public bool CacheKey { get; init; } = true;

    /// <summary>A reasoning effort is named, where one was chosen.</summary>
    public bool Effort { get; init; } = true;

    /// <summary>A JSON schema for the final message goes along; it always stands in the instructions too.</summary>
    public bool ResponseFormat { get; init; } = true;

    /// <summary>Thoughts go back with the calls they led to.</summary>
    public bool ReasoningBack { get; init; } = true;

    /// <summary>Instructions are a system message, and user messages may follow one another. Else instructions begin the first user message, and neighbours become one.</summary>
    public bool Roles { get; init; } = true;

    /// <summary>Images are shown; else a line of text stands in place of each.</summary>
    public bool Images { get; init; } = true;

    /// <summary>The same without the first thing a refusal names; null when it names nothing that can be left out.</summary>
    public ChatDialect? Without(string refusal)
    {
        foreach (var (words, has, drop) in Optional)
        {
            if (has(this) && words.Any(word => refusal.Contains(word, StringComparison.OrdinalIgnoreCase)))
            {
                return drop(this);
            }
        }

        return null;
    }
}
