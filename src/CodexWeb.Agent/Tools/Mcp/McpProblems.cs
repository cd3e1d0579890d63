using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Sandboxes.Egress;
using ModelContextProtocol;

namespace CodexWeb.Agent.Tools.Mcp;

/// <summary>Says in a sentence what went wrong with an MCP server. Its own words are quoted, cut and without hidden characters.</summary>
internal static class McpProblems
{
    /// <summary>The sentence of an exception.</summary>
    public static string Sentence(Exception exception, SecretMask mask)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is EgressRefusedException or SandboxException)
            {
                return cause.Message;
            }

            if (cause is SocketException socket)
            {
                return $"It cannot be reached: {socket.Message}.";
            }
        }

        return exception switch
        {
            McpException => $"It answered with an error: {Quote(exception.Message, mask)}",
            HttpRequestException { StatusCode: { } status } => Status(status, exception.Message, mask),
            HttpRequestException => $"It cannot be reached: {Quote(exception.Message, mask)}",
            JsonException or FormatException or ArgumentException => $"It answered something that is not MCP: {Quote(exception.Message, mask)}",
            _ => $"The connection broke: {Quote(exception.Message, mask)}",
        };
    }

    /// <summary>Words of the server, or of an exception that may repeat them.</summary>
    public static string Quote(string text, SecretMask mask)
    {
        const string Remote = "Request failed (remote): ";
        var words = HiddenCharacters.RevealLine(mask.Hide(text.StartsWith(Remote, StringComparison.Ordinal) ? text[Remote.Length..] : text)).Trim();
        return words.Length <= McpLimits.Message ? words : words[..McpLimits.Message] + "…";
    }

    private static string Status(HttpStatusCode status, string message, SecretMask mask)
    {
        var code = string.Create(CultureInfo.InvariantCulture, $"It answered {(int)status} {status}");
        return (int)status switch
        {
            401 or 403 => $"{code}: the headers in the environment are missing, wrong, or lack a right.",
            404 or 405 => $"{code}: there is no MCP server of the streamable HTTP kind at this address.",
            >= 300 and < 400 => $"{code}, a redirect. These are not followed: enter the address it leads to.",
            _ => $"{code}. {Quote(message, mask)}",
        };
    }
}
