using System.ComponentModel.DataAnnotations;

namespace CodexWeb.CommandLine;

/// <summary>Who may reach the server: section <c>Server</c>. Where it listens is ASP.NET Core's own setting <c>Urls</c>; default <c>http://127.0.0.1:5080</c>.</summary>
public sealed class ServerOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Server";

    /// <summary>
    /// True to let the server listen on addresses other machines can reach. There is no sign-in in this version: whoever reaches the port can run tasks and read all repositories.
    /// Meant for a container, whose port is published on a loopback address of the host (<c>127.0.0.1:5080:5080</c>). Default false.
    /// </summary>
    public bool AllowNonLoopback { get; set; }

    /// <summary>
    /// Host names, without port, by which browsers and scripts may call the server besides <c>localhost</c> and loopback addresses. Others are refused, so that a
    /// foreign web page cannot reach the server under a name of its own. Default: none.
    /// </summary>
    public List<string> AllowedHosts { get; set; } = [];

    /// <summary>
    /// The address people open the server by when it is not the one it listens on, for links that leave the server (comments at GitHub). It lets nobody in: the server still answers only
    /// to local names and <see cref="AllowedHosts"/>. Null: such texts name the task without a link.
    /// </summary>
    [CustomValidation(typeof(ServerOptions), nameof(CheckPublicUrl))]
    public Uri? PublicUrl { get; set; }

    /// <summary>What a public address must be.</summary>
    public static ValidationResult? CheckPublicUrl(Uri? value, ValidationContext context) =>
        value is null || (value is { IsAbsoluteUri: true, Query.Length: 0, Fragment.Length: 0, UserInfo.Length: 0 } && (value.Scheme == Uri.UriSchemeHttps || value.Scheme == Uri.UriSchemeHttp))
            ? ValidationResult.Success
            : new ValidationResult($"{Section}:{nameof(PublicUrl)} must be an address such as https://codexweb.example, without user name, query or fragment.");
}
