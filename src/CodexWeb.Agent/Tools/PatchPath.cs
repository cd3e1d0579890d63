using System.Text;

namespace CodexWeb.Agent.Tools;

/// <summary>The rule for paths in patches: relative, and inside by their letters alone. Links are looked at when a file is read.</summary>
internal static class PatchPath
{
    private const int MaxBytes = 4_000;

    /// <summary>The path without <c>.</c> and doubled slashes.</summary>
    /// <param name="path">As written in the patch.</param>
    /// <param name="root">An absolute folder a path may begin with all the same, because the model sees the files there; null for none.</param>
    /// <exception cref="PatchException">It is empty, absolute, leads upwards, names a folder or holds a control character.</exception>
    public static string Normalise(string path, string? root)
    {
        var shown = PatchReport.Show(path);
        var relative = root is not null && path.StartsWith(root + "/", StringComparison.Ordinal) ? path[(root.Length + 1)..] : path;
        if (relative.StartsWith('/'))
        {
            throw new PatchException($"The path {shown} is absolute. Paths are relative to the workspace.");
        }

        if (relative.AsSpan().ContainsAnyInRange('\0', '\x1F') || relative.Contains('\x7F', StringComparison.Ordinal))
        {
            throw new PatchException($"The path {shown} holds a control character.");
        }

        var parts = relative.Split('/').Where(part => part is not ("" or ".")).ToList();
        if (parts.Contains("..", StringComparer.Ordinal))
        {
            throw new PatchException($"The path {shown} has '..' in it. A patch stays inside the workspace.");
        }

        if (parts.Count == 0 || relative.EndsWith('/') || relative.EndsWith("/.", StringComparison.Ordinal))
        {
            throw new PatchException($"The path {shown} names a folder. A patch changes files.");
        }

        return Encoding.UTF8.GetByteCount(relative) <= MaxBytes ? string.Join('/', parts) : throw new PatchException($"The path {shown} is longer than {MaxBytes:N0} bytes.");
    }

    /// <summary>The folder a path lies in; empty for the root.</summary>
    public static string Folder(string path) => path.LastIndexOf('/') is var slash and >= 0 ? path[..slash] : "";

    /// <summary>The last part of a path.</summary>
    public static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>Joins a folder, empty for the root, with a name.</summary>
    public static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";
}
