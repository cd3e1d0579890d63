namespace CodexWeb.Models;

/// <summary>The protocols a provider can speak, as settings and the HTTP interface name them.</summary>
public static class ModelApi
{
    /// <summary>OpenAI's Responses API.</summary>
    public const string Responses = "responses";

    /// <summary>Chat Completions, which most other servers speak.</summary>
    public const string Chat = "chat";
}
