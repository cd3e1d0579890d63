using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>A path below the API with its query, written as an interpolated string: what stands in a hole is escaped, so that no name can lead to another address.</summary>
[InterpolatedStringHandler]
internal readonly struct GitHubPath
{
    private readonly StringBuilder _text;

    public GitHubPath(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + (formattedCount * 16));

    /// <summary>As sent, without a slash at its beginning.</summary>
    public string Text => _text.ToString();

    public void AppendLiteral(string value) => _text.Append(value);

    /// <summary>One part of the path, or one value of the query.</summary>
    /// <exception cref="GitHubException">It is nothing, or would be taken for a step in the path: <see cref="GitHubFailure.Invalid"/>.</exception>
    public void AppendFormatted(string? value) => _text.Append(value is null or "" or "." or ".."
        ? throw new GitHubException(GitHubFailure.Invalid, "GitHub was not asked: a name in the request is missing, or is one nothing on GitHub can have.")
        : Uri.EscapeDataString(value));

    public void AppendFormatted(long value) => _text.Append(value.ToString(CultureInfo.InvariantCulture));

    public void AppendFormatted(DateTimeOffset value) => _text.Append(Uri.EscapeDataString(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)));

    // Its characters need no escaping.
    public void AppendFormatted(GitHubRepositoryName value) => _text.Append(value);

    /// <summary>A path of a file: its slashes stay.</summary>
    public void AppendFormatted(GitHubFilePath value) => _text.AppendJoin('/', value.Path.Split('/').Select(Uri.EscapeDataString));
}

/// <summary>A path inside a repository.</summary>
internal readonly record struct GitHubFilePath(string Path)
{
    /// <summary>False for what no file of a repository is called.</summary>
    public bool IsPossible => Path is { Length: > 0 } && Array.TrueForAll(Path.Split('/'), static part => part is not ("" or "." or ".."));
}
