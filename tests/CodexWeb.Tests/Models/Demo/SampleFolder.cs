namespace CodexWeb.Tests.Models.Demo;

/// <summary>A copy of the sample repository's files.</summary>
internal sealed class SampleFolder : IDisposable
{
    public SampleFolder()
    {
        var source = Path.Combine(SourceRoot(), "src/CodexWeb.Agent/Workspaces/Sample/Basket");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(Root, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("codexweb-sample-").FullName;

    public string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public void Replace(string path, string before, string after)
    {
        Assert.Contains(before, Read(path), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(Root, path), Read(path).Replace(before, after, StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static string SourceRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CodexWeb.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside the source tree.");
    }
}
