using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Tools;

/// <summary>The workspace of a sandbox. Links are followed by the sandbox itself, so that none can lead out of it, and refused when they lead out of the workspace.</summary>
public sealed class SandboxPatchFiles(ISandbox sandbox) : IPatchFiles
{
    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal) { [""] = "" };

    /// <inheritdoc/>
    public string? Root => ISandbox.WorkspacePath;

    /// <inheritdoc/>
    public async Task<PatchFile> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken)
    {
        var folder = PatchPath.Folder(path);
        if (!_folders.TryGetValue(folder, out var realFolder))
        {
            var read = await sandbox.ReadFileAsync(folder, 0, cancellationToken);
            _folders[folder] = realFolder = Relative(path, read.RealPath);
        }

        var file = await sandbox.ReadFileAsync(path, maxBytes, cancellationToken);
        return new PatchFile(file.Kind, file.Content, file.Mode, PatchPath.Join(realFolder, PatchPath.Name(path)), Relative(path, file.RealPath));
    }

    /// <inheritdoc/>
    public async Task ChangeAsync(IReadOnlyList<SandboxFileChange> changes, CancellationToken cancellationToken)
    {
        try
        {
            await sandbox.ChangeFilesAsync(changes, cancellationToken);
        }
        catch (SandboxException e)
        {
            throw new PatchException(e.Message);
        }
    }

    private static string Relative(string path, string real) => real switch
    {
        ISandbox.WorkspacePath => "",
        _ when real.StartsWith(ISandbox.WorkspacePath + "/", StringComparison.Ordinal) => real[(ISandbox.WorkspacePath.Length + 1)..],
        _ => throw new PatchException($"{PatchReport.Show(path)} leads out of the workspace by a symbolic link, to {PatchReport.Show(real)}."),
    };
}
