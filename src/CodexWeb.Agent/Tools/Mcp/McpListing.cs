using System.Globalization;
using System.Text.Json.Nodes;

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>The tools of a server.</summary>
/// <param name="Tools">Those that are offered, in the order of their names.</param>
/// <param name="Problems">Why others are not, a sentence each.</param>
public sealed record McpListing(IReadOnlyList<McpToolListing> Tools, IReadOnlyList<string> Problems);

/// <summary>Reads the pages of a <c>tools/list</c>: what is odd is left out, and said.</summary>
internal sealed class McpListingReader(McpServerSpec server, SecretMask mask)
{
    private readonly SortedDictionary<string, McpToolListing> _tools = new(StringComparer.Ordinal);
    private readonly HashSet<string> _cursors = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    /// <summary>Takes a page in.</summary>
    /// <returns>Where the next one begins; null when there is none.</returns>
    /// <exception cref="McpServerException">It is no page of tools.</exception>
    public string? Take(JsonNode? page)
    {
        if (page is not JsonObject fields || fields["tools"] is not JsonArray entries)
        {
            throw new McpServerException("It answered something that is no list of tools.");
        }

        foreach (var entry in entries)
        {
            var (tool, problem) = McpToolListing.Read(entry, mask);
            if (problem is not null)
            {
                _problems.Add(problem);
            }
            else if (tool is not null && (server.Tools.Count == 0 || server.Tools.Contains(tool.Name, StringComparer.Ordinal)))
            {
                _tools.TryAdd(tool.Name, tool);
            }
        }

        return McpJson.Text(fields, "nextCursor") is { } cursor && _cursors.Add(cursor) ? cursor : null;
    }

    /// <summary>All that was taken in.</summary>
    public McpListing Listing()
    {
        var missing = server.Tools.Where(name => !_tools.ContainsKey(name)).Select(static name => $"`{name}` was chosen in the environment, but the server does not offer it.");
        var left = _tools.Count > McpLimits.Tools
            ? (string[])[string.Create(CultureInfo.InvariantCulture, $"The server has {_tools.Count} tools; the first {McpLimits.Tools} are offered. Choose those that are needed in the environment.")]
            : [];
        return new McpListing([.. _tools.Values.Take(McpLimits.Tools)], [.. _problems, .. missing, .. left]);
    }
}
