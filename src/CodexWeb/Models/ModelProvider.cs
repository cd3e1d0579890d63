namespace CodexWeb.Models;

/// <summary>A provider that was added in the page. Those of the settings file are not stored.</summary>
public sealed class ModelProvider
{
    /// <summary>Short and unique: the first part of its models' ids.</summary>
    public string Name { get; init; } = "";

    /// <summary>The address with its version, as <c>https://api.openai.com/v1</c>.</summary>
    public string BaseUrl { get; set; } = "";

    /// <summary><c>responses</c> or <c>chat</c>.</summary>
    public string Api { get; set; } = "";

    /// <summary>The key, encrypted; null for a server that wants none.</summary>
    public string? EncryptedKey { get; set; }

    /// <summary>Requests it is sent at once, at least 1; null for no limit.</summary>
    public int? MaxConcurrent { get; set; }

    /// <summary>Its models: a JSON array of <see cref="ModelOptions"/>.</summary>
    public string Models { get; set; } = "[]";

    /// <summary>When it was added.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}
