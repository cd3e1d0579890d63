using System.Text;
using CodexWeb.Agent.Tools;

namespace CodexWeb.Tests.Tools;

/// <summary>A temporary folder that patches are applied to.</summary>
internal sealed class PatchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("codexweb-patch-").FullName;

    /// <summary>Every file and link below, with its content or target, in order; folders without files have a slash.</summary>
    public IReadOnlyList<string> Contents =>
    [
        .. Directory.EnumerateFileSystemEntries(Path, "*", SearchOption.AllDirectories)
            .Select(entry => (Entry: entry, Name: System.IO.Path.GetRelativePath(Path, entry)))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal)
            .Select(entry => new FileInfo(entry.Entry).LinkTarget is { } target ? $"{entry.Name} -> {target}"
                : Directory.Exists(entry.Entry) ? $"{entry.Name}/"
                : $"{entry.Name}: {Encoding.UTF8.GetString(File.ReadAllBytes(entry.Entry))}"),
    ];

    public string this[string name]
    {
        get => File.ReadAllText(At(name), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        set => Write(name, Encoding.UTF8.GetBytes(value));
    }

    public void Write(string name, byte[] content)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(At(name))!);
        File.WriteAllBytes(At(name), content);
    }

    public byte[] Bytes(string name) => File.ReadAllBytes(At(name));

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public async Task<PatchResult> ApplyAsync(string patch)
    {
        using var files = new LocalPatchFiles(Path);
        return await PatchApplier.ApplyAsync(patch, files, CancellationToken.None);
    }

    /// <summary>Applies a patch that must be refused, with nothing changed, and answers why.</summary>
    public async Task<string> RefuseAsync(string patch)
    {
        var before = Contents;
        var refusal = await Assert.ThrowsAsync<PatchException>(() => ApplyAsync(patch));
        Assert.Equal(before, Contents);
        Assert.EndsWith(PatchException.NothingChanged, refusal.Message, StringComparison.Ordinal);
        return refusal.Message;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
