using CodexWeb.Agent.Sandboxes.Egress;

namespace CodexWeb.Environments;

/// <summary>Checks what somebody wants an MCP server to be, and makes of it what is stored.</summary>
public sealed class McpServerIntake(McpSecrets secrets, EgressPolicy egress)
{
    /// <summary>The most servers of one environment.</summary>
    public const int Most = 10;

    private const int LongestText = 8_192;

    // Besides letters and digits. Source: RFC 9110, 5.6.2.
    private const string TokenSigns = "!#$%&'*+-.^_`|~";

    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept", "Connection", "Content-Length", "Content-Type", "Cookie", "Host", "Keep-Alive", "Last-Event-ID", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    /// <summary>Takes one.</summary>
    /// <param name="stored">What is stored under its name, or was under its former name; null for a new one. Its headers are kept where the change gives none anew.</param>
    /// <returns>What to store, or what is wrong with each field.</returns>
    public CommandResult<McpServer> Take(McpServerChange change, McpServer? stored)
    {
        ArgumentNullException.ThrowIfNull(change);
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (change.Name.Length is 0 or > 40 || change.Name.Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
        {
            errors["name"] = "A name has 1 to 40 letters, digits, - and _. The tools are named after it.";
        }

        if (string.IsNullOrWhiteSpace(change.Command) == string.IsNullOrWhiteSpace(change.Url))
        {
            errors["command"] = "A server has either a program that is started in the sandbox, or an address.";
        }
        else if (change.Url is { Length: > 0 } url)
        {
            CheckAddress(url, change, stored, errors);
        }
        else
        {
            CheckProgram(change, errors);
        }

        if (change.Tools.Count > 100 || change.Tools.Any(static tool => tool is not { Length: > 0 and <= 128 }))
        {
            errors["tools"] = "At most 100 names of tools, none of them empty.";
        }

        if (change.StartSeconds is < 1 or > 300)
        {
            errors["startSeconds"] = "It may take 1 to 300 seconds to start.";
        }

        if (change.CallSeconds is < 1 or > 3600)
        {
            errors["callSeconds"] = "A call may take 1 to 3,600 seconds.";
        }

        return errors.Count > 0 ? new CommandResult<McpServer>.Invalid(errors) : new CommandResult<McpServer>.Done(Stored(change, stored));
    }

    /// <summary>Takes all servers an environment shall have; what is stored is found by the name.</summary>
    public CommandResult<IReadOnlyList<McpServer>> TakeAll(IReadOnlyList<McpServerChange> changes, IReadOnlyList<McpServer> stored)
    {
        ArgumentNullException.ThrowIfNull(changes);
        if (changes.Count > Most || changes.Any(static change => change is null) || changes.DistinctBy(static change => change.Name, StringComparer.OrdinalIgnoreCase).Count() < changes.Count)
        {
            return new CommandResult<IReadOnlyList<McpServer>>.Invalid("mcpServers", $"At most {Most} servers, each with a name of its own.");
        }

        var taken = new List<McpServer>();
        foreach (var change in changes)
        {
            switch (Take(change, stored.FirstOrDefault(server => Same(server.Name, change.Name))))
            {
                case CommandResult<McpServer>.Done { Value: var server }:
                    taken.Add(server);
                    break;
                case CommandResult<McpServer>.Invalid { Errors: var errors }:
                    return new CommandResult<IReadOnlyList<McpServer>>.Invalid("mcpServers", $"{change.Name}: {string.Join(' ', errors.Values)}");
                default:
                    throw new InvalidOperationException("There is no other result.");
            }
        }

        return new CommandResult<IReadOnlyList<McpServer>>.Done(taken);
    }

    private static void CheckProgram(McpServerChange change, Dictionary<string, string> errors)
    {
        if (change.Command!.Length > 1_000 || change.Command.Contains('\0', StringComparison.Ordinal))
        {
            errors["command"] = "The program is a name or a path of at most 1,000 characters.";
        }

        if (change.Arguments.Count > 50 || change.Arguments.Any(static argument => argument is null || argument.Length > LongestText || argument.Contains('\0', StringComparison.Ordinal)))
        {
            errors["arguments"] = "At most 50 arguments of at most 8,192 characters, without NUL.";
        }

        if (change.Variables.Count > 50 || change.Variables.Any(static pair => !EnvironmentCatalog.IsVariableName(pair.Key) || pair.Value is null || pair.Value.Length > LongestText || pair.Value.Contains('\0', StringComparison.Ordinal)))
        {
            errors["variables"] = "At most 50 variables, each named by letters, digits and underscores, with a value of at most 8,192 characters.";
        }

        if (change.Headers.Count > 0)
        {
            errors["headers"] = "Headers are for a server with an address. A program gets variables.";
        }
    }

    private void CheckAddress(string text, McpServerChange change, McpServer? stored, Dictionary<string, string> errors)
    {
        if (text.Length > 2_000 || !Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            errors["url"] = "An address begins with https:// and has neither a password nor a fragment in it.";
            return;
        }

        if (url.Scheme is "http" && !egress.AllowsPrivate(url.IdnHost))
        {
            errors["url"] = "Without TLS only hosts are spoken to that the setting Mcp:AllowedPrivateHosts names. Use https://.";
        }

        if (change.Headers.Count > 20 || change.Headers.Keys.Distinct(StringComparer.OrdinalIgnoreCase).Count() < change.Headers.Count || change.Headers.Any(static header => !IsHeader(header.Key, header.Value)))
        {
            errors["headers"] = "At most 20 headers, each once and on one line. What HTTP itself sets (Host, Content-Type and the like) cannot be set.";
        }
        else if (change.Headers.FirstOrDefault(header => header.Value is null && stored?.EncryptedHeaders.Keys.Contains(header.Key, StringComparer.OrdinalIgnoreCase) != true).Key is { } missing)
        {
            errors["headers"] = $"The header {missing} has no value yet. Enter it.";
        }
        else if (change.Headers.Any(static header => header.Value is null) && !SameOrigin(url, stored!.Url))
        {
            // Else whoever may change the address could send a stored secret to a server of his own.
            errors["headers"] = "The address has changed, so the values of its headers have to be entered again.";
        }
    }

    private McpServer Stored(McpServerChange change, McpServer? stored)
    {
        var program = string.IsNullOrWhiteSpace(change.Url);
        return new McpServer
        {
            Name = change.Name,
            Enabled = change.Enabled,
            Command = program ? change.Command!.Trim() : null,
            Arguments = program ? [.. change.Arguments] : [],
            Variables = program ? new Dictionary<string, string>(change.Variables, StringComparer.Ordinal) : [],
            Url = program ? null : new Uri(change.Url!.Trim()).AbsoluteUri,
            EncryptedHeaders = change.Headers.ToDictionary(
                static header => header.Key, header => header.Value is null ? stored!.EncryptedHeaders.First(old => Same(old.Key, header.Key)).Value : secrets.Close(header.Value), StringComparer.OrdinalIgnoreCase),
            Tools = [.. change.Tools.Distinct(StringComparer.Ordinal)],
            StartSeconds = change.StartSeconds,
            CallSeconds = change.CallSeconds,
        };
    }

    private static bool SameOrigin(Uri url, string? before) => before is not null
        && Uri.Compare(url, new Uri(before), UriComponents.SchemeAndServer | UriComponents.Port, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static bool IsHeader(string name, string? value)
    {
        if (Reserved.Contains(name) || name.StartsWith("Mcp-", StringComparison.OrdinalIgnoreCase) || name.Length is 0 or > 100 || name.Any(static c => !char.IsAsciiLetterOrDigit(c) && !TokenSigns.Contains(c, StringComparison.Ordinal)))
        {
            return false;
        }

        return value is null || (value.Trim().Length is > 0 and <= LongestText && value.All(static c => c is >= ' ' and < '\u007f'));
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
