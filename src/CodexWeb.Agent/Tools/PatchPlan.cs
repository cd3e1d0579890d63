using System.Text;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Tools;

/// <summary>Goes through a patch hunk by hunk and gathers what has to be written. Writes nothing itself.</summary>
internal sealed class PatchPlan(IPatchFiles files, CancellationToken cancellationToken)
{
    private readonly PatchedFiles _patched = new(files);
    private readonly PatchMatcher _matcher = new(cancellationToken);

    /// <summary>What has to be written for the hunks read so far.</summary>
    public IReadOnlyList<SandboxFileChange> Changes => _patched.Changes;

    /// <summary>Reads all hunks.</summary>
    /// <exception cref="PatchException">One cannot be applied; the message names it.</exception>
    public async Task<PatchResult> ReadAsync(Patch patch)
    {
        var done = new List<ChangedFile>();
        for (var i = 0; i < patch.Hunks.Count; i++)
        {
            var hunk = patch.Hunks[i];
            try
            {
                done.Add(await ReadAsync(hunk));
            }
            catch (PatchException e)
            {
                throw e.At($"Hunk {i + 1}, {PatchReport.Show(hunk.Title)} (line {hunk.Line} of the patch)");
            }
        }

        return PatchResult.Of(done);
    }

    private Task<ChangedFile> ReadAsync(PatchHunk hunk)
    {
        var path = PatchPath.Normalise(hunk.Path, files.Root);
        return hunk switch
        {
            PatchHunk.Add add => AddAsync(path, add.Lines),
            PatchHunk.Delete => DeleteAsync(path),
            PatchHunk.Update update => UpdateAsync(path, PatchPath.Normalise(update.MovedTo ?? update.Path, files.Root), update.Chunks),
            _ => throw new InvalidOperationException($"No such hunk: {hunk.GetType()}."),
        };
    }

    private async Task<ChangedFile> AddAsync(string path, IReadOnlyList<string> lines)
    {
        var file = await TargetAsync(path);
        var content = new StringBuilder();
        foreach (var line in lines)
        {
            content.Append(line).Append('\n');
        }

        _patched.Write(file, Encoding.UTF8.GetBytes(content.ToString()), path);
        return new ChangedFile(path, FileChangeKind.Add, lines.Count, Lines(file));
    }

    private async Task<ChangedFile> DeleteAsync(string path)
    {
        var file = await ExistingAsync(path);
        _patched.Delete(file);
        return new ChangedFile(path, FileChangeKind.Delete, 0, Lines(file));
    }

    private async Task<ChangedFile> UpdateAsync(string path, string newPath, IReadOnlyList<PatchChunk> chunks)
    {
        var file = await ExistingAsync(path);
        if (file.Kind is SandboxFileKind.TooLarge)
        {
            throw new PatchException($"{PatchReport.Show(path)} is larger than {PatchedFiles.MaxFileBytes / 1024 / 1024} MiB. Change it with a command.");
        }

        var edit = new PatchEdit(PatchTextFile.Read(path, file.Content.Span), _matcher);
        var content = edit.Apply(chunks);
        var target = string.Equals(newPath, path, StringComparison.Ordinal) ? file : await TargetAsync(newPath);
        if (target.IsSameFileAs(file))
        {
            _patched.Write(file, content, path);
            return new ChangedFile(path, FileChangeKind.Update, edit.Added, edit.Removed);
        }

        _patched.Move(file, target, content, newPath);
        return new ChangedFile(path, FileChangeKind.Update, edit.Added, edit.Removed, newPath);
    }

    private async Task<PatchFile> ExistingAsync(string path)
    {
        var file = await _patched.ReadAsync(path, cancellationToken);
        return file.Kind switch
        {
            SandboxFileKind.Regular or SandboxFileKind.TooLarge => file,
            SandboxFileKind.Missing => throw new PatchException($"There is no file {PatchReport.Show(path)}."),
            _ => throw NoFile(path, file.Kind),
        };
    }

    private async Task<PatchFile> TargetAsync(string path)
    {
        var file = await _patched.ReadAsync(path, cancellationToken);
        if (file.Kind is SandboxFileKind.Missing)
        {
            await _patched.RequirePlaceAsync(file, path, cancellationToken);
        }

        return file.IsFile || file.Kind is SandboxFileKind.Missing ? file : throw NoFile(path, file.Kind);
    }

    private static PatchException NoFile(string path, SandboxFileKind kind) => new(kind is SandboxFileKind.Directory
        ? $"{PatchReport.Show(path)} is a folder. A patch changes files."
        : $"{PatchReport.Show(path)} is not a regular file, or may not be read.");

    private static int Lines(PatchFile file)
    {
        var bytes = file.Content.Span;
        return bytes.Count((byte)'\n') + (bytes is [.., not (byte)'\n'] ? 1 : 0);
    }
}
