using System.ComponentModel.DataAnnotations;

namespace CodexWeb.Models;

/// <summary>The model providers: section <c>Models</c>. <c>OPENAI_API_KEY</c> and <c>OPENAI_BASE_URL</c> alone make one more, named <c>openai</c>.</summary>
public sealed class ModelsOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Models";

    /// <summary>The id (<c>provider/model</c>) offered first; null for the first real model, or the demo where there is none.</summary>
    public string? Default { get; set; }

    /// <summary>The providers, in the order they are offered.</summary>
    public List<ProviderOptions> Providers { get; set; } = [];
}

/// <summary>One OpenAI-compatible endpoint.</summary>
public sealed class ProviderOptions
{
    /// <summary>Short and unique: the first part of its models' ids.</summary>
    [Required]
    public string Name { get; set; } = "";

    /// <summary>The address below which <c>responses</c> or <c>chat/completions</c> lies. Default: OpenAI's own.</summary>
    public string BaseUrl { get; set; } = "https://api.openai.com/v1";

    /// <summary>The key; empty for a server that wants none. It stays in the server's memory.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>The protocol: <c>responses</c> (the default) or <c>chat</c>.</summary>
    [RegularExpression("(?i)responses|chat", ErrorMessage = "Api must be responses or chat.")]
    public string Api { get; set; } = "responses";

    /// <summary>Requests it is sent at once; null for no limit.</summary>
    [Range(1, 1000)]
    public int? MaxConcurrent { get; set; }

    /// <summary>Its models.</summary>
    public List<ModelOptions> Models { get; set; } = [];
}

/// <summary>One model of a provider.</summary>
public sealed class ModelOptions
{
    /// <summary>As the provider calls it.</summary>
    [Required]
    public string Id { get; set; } = "";

    /// <summary>As people see it; null for the id.</summary>
    public string? Label { get; set; }

    /// <summary>Tokens; null when not known.</summary>
    public int? ContextWindow { get; set; }

    /// <summary>True when it takes a reasoning effort. Default true.</summary>
    public bool Reasoning { get; set; } = true;

    /// <summary>True when it takes images. Default true.</summary>
    public bool Images { get; set; } = true;

    /// <summary>The reasoning efforts it takes; null for those of OpenAI's models.</summary>
    public List<string>? Efforts { get; set; }

    /// <summary>US dollars for a million input tokens; null when not known, and then no cost is shown.</summary>
    public decimal? InputPrice { get; set; }

    /// <summary>US dollars for a million input tokens served from the cache; null for the input price.</summary>
    public decimal? CachedInputPrice { get; set; }

    /// <summary>US dollars for a million output tokens.</summary>
    public decimal? OutputPrice { get; set; }

    /// <summary>One that can be changed without changing this one.</summary>
    public ModelOptions Copy()
    {
        var copy = (ModelOptions)MemberwiseClone();
        copy.Efforts = Efforts is null ? null : [.. Efforts];
        return copy;
    }
}
