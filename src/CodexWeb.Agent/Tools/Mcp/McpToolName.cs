using System.Security.Cryptography;
using System.Text;

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>The names models call MCP tools by: <c>mcp__server__tool</c>, of letters, digits, <c>_</c> and <c>-</c>, 64 at most, which is what providers take.</summary>
internal static class McpToolName
{
    private const int Longest = 64;
    private const int HashLength = 8;

    /// <summary>The name of a tool. Not yet taken: one that cannot be had as it stands, or is taken, gets a piece of a hash at its end, always the same.</summary>
    /// <param name="taken">Names in use; the new one is added.</param>
    public static string Of(string server, string tool, ISet<string> taken)
    {
        var plain = $"mcp__{Safe(server)}__{Safe(tool)}";
        if (plain.Length <= Longest && taken.Add(plain))
        {
            return plain;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{server}\0{tool}")))[..HashLength];
        var name = $"{plain[..Math.Min(plain.Length, Longest - HashLength - 1)]}_{hash}";
        taken.Add(name);
        return name;
    }

    private static string Safe(string name) => string.Concat(name.Select(static character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' ? character : '_'));
}
