using System.Text.Json.Serialization;
using CodexWeb.Agent.Tools.Mcp;
using CodexWeb.Environments;

namespace CodexWeb.Api;

/// <summary>An MCP server of an environment as it shall be. An answer can be sent back as it came.</summary>
/// <param name="Name">1 to 40 letters, digits, <c>-</c> and <c>_</c>; unique in the environment.</param>
/// <param name="Enabled">False to keep it without offering it. Null: true.</param>
/// <param name="Command">A program that is started inside the sandbox; null for a server with an address.</param>
/// <param name="Url">The address of a server that speaks streamable HTTP; null for a program.</param>
/// <param name="Headers">Sent to the address. A null value keeps the one stored under the server's name; values are never given out.</param>
/// <param name="Tools">Tools that are offered; empty for all.</param>
/// <param name="StartSeconds">1 to 300. Null: 30.</param>
/// <param name="CallSeconds">1 to 3600. Null: 300.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record McpServerBody(
    string? Name,
    bool? Enabled,
    string? Command,
    List<string>? Arguments,
    Dictionary<string, string>? Variables,
    string? Url,
    Dictionary<string, string?>? Headers,
    List<string>? Tools,
    int? StartSeconds,
    int? CallSeconds)
{
    public McpServerChange ToChange() => new()
    {
        Name = Name ?? "",
        Enabled = Enabled ?? true,
        Command = Command,
        Arguments = Arguments ?? [],
        Variables = Variables ?? [],
        Url = Url,
        Headers = Headers ?? [],
        Tools = Tools ?? [],
        StartSeconds = StartSeconds ?? 30,
        CallSeconds = CallSeconds ?? 300,
    };
}

/// <summary>An MCP server of an environment.</summary>
/// <param name="Headers">Their names, each with null: values are never given out.</param>
internal sealed record McpServerAnswer(
    string Name,
    bool Enabled,
    string? Command,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Variables,
    string? Url,
    IReadOnlyDictionary<string, string?> Headers,
    IReadOnlyList<string> Tools,
    int StartSeconds,
    int CallSeconds)
{
    public static McpServerAnswer Of(McpServerRow row) => new(
        row.Name, row.Enabled, row.Command, row.Arguments, row.Variables, row.Url, row.ToChange().Headers, row.Tools, row.StartSeconds, row.CallSeconds);
}

/// <summary>What came of trying an MCP server.</summary>
/// <param name="Works">True when it was started and listed its tools.</param>
/// <param name="Problem">Why not, a sentence; null when it works.</param>
/// <param name="Said">The last it, or the set-up script, wrote before that; null for nothing.</param>
/// <param name="Milliseconds">From the start to the list.</param>
/// <param name="LeftOut">Why tools of it cannot be offered, a sentence each.</param>
internal sealed record McpTrialAnswer(bool Works, string? Problem, string? Said, long Milliseconds, IReadOnlyList<McpToolAnswer> Tools, IReadOnlyList<string> LeftOut)
{
    public static McpTrialAnswer Of(McpProbeResult result) => new(
        result.Failure is null,
        result.Failure,
        result.Said,
        (long)result.Took.TotalMilliseconds,
        [.. result.Listing.Tools.Select(static tool => new McpToolAnswer(tool.Name, tool.Description))],
        result.Listing.Problems);
}

/// <summary>A tool an MCP server offers.</summary>
/// <param name="Description">By its author; hidden characters written out.</param>
internal sealed record McpToolAnswer(string Name, string Description);
