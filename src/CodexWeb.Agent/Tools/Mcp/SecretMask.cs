namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>Takes the values of an MCP server's headers out of whatever the server says, which may repeat them.</summary>
internal sealed class SecretMask
{
    private const string Mask = "•••";
    private const int Shortest = 6;

    private readonly IReadOnlyList<string> _secrets;

    /// <summary>Masks these values, and the credential after a scheme as in <c>Bearer …</c>.</summary>
    public SecretMask(IEnumerable<string> values) => _secrets =
    [
        .. values.SelectMany(static value => (string[])[value, .. value.Split(' ', StringSplitOptions.RemoveEmptyEntries)])
            .Where(static value => value.Length >= Shortest)
            .Distinct(StringComparer.Ordinal)
            .OrderByDescending(static value => value.Length),
    ];

    /// <summary>The text without them.</summary>
    public string Hide(string text)
    {
        foreach (var secret in _secrets)
        {
            text = text.Replace(secret, Mask, StringComparison.Ordinal);
        }

        return text;
    }
}
