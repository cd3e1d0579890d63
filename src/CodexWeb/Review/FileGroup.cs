namespace CodexWeb.Review;

/// <summary>What a changed file is to a reviewer. The order is the order of reading.</summary>
public enum FileGroup
{
    /// <summary>What the change is about.</summary>
    Main,

    /// <summary>Tests.</summary>
    Tests,

    /// <summary>Made by a program.</summary>
    Generated,

    /// <summary>Pinned versions of packages.</summary>
    Locks,
}

/// <summary>Tells files apart by their paths.</summary>
internal static class FileGroups
{
    private static readonly HashSet<string> LockNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb", "packages.lock.json", "cargo.lock", "poetry.lock",
        "pdm.lock", "uv.lock", "pipfile.lock", "gemfile.lock", "composer.lock", "go.sum", "mix.lock", "flake.lock", "podfile.lock", "gradle.lockfile", "deno.lock",
    };

    private static readonly HashSet<string> TestFolders = new(StringComparer.OrdinalIgnoreCase) { "test", "tests", "t", "spec", "specs", "__tests__", "testdata" };

    private static readonly HashSet<string> GeneratedFolders = new(StringComparer.OrdinalIgnoreCase) { "vendor", "node_modules", "dist", "generated", "__snapshots__", "third_party" };

    private static readonly string[] GeneratedEndings = [".g.cs", ".designer.cs", ".generated.cs", ".min.js", ".min.css", ".pb.go", "_pb2.py", ".snap", ".map"];

    public static FileGroup Of(string path)
    {
        var parts = path.Split('/');
        var (name, folders) = (parts[^1], parts[..^1]);
        return LockNames.Contains(name) ? FileGroup.Locks
            : Array.Exists(folders, GeneratedFolders.Contains) || Array.Exists(GeneratedEndings, e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase)) ? FileGroup.Generated
            : Array.Exists(folders, IsTestFolder) || IsTestName(name) ? FileGroup.Tests
            : FileGroup.Main;
    }

    // Also "Shop.Tests", the way .NET names its test projects.
    private static bool IsTestFolder(string folder) =>
        TestFolders.Contains(folder) || folder.EndsWith(".Tests", StringComparison.OrdinalIgnoreCase) || folder.EndsWith(".Test", StringComparison.OrdinalIgnoreCase);

    private static bool IsTestName(string name)
    {
        var stem = name.Split('.')[0];
        return stem.StartsWith("test_", StringComparison.Ordinal) || stem.EndsWith("_test", StringComparison.Ordinal) || stem.EndsWith("Tests", StringComparison.Ordinal)
            || stem.EndsWith("Test", StringComparison.Ordinal) || name.Contains(".test.", StringComparison.Ordinal) || name.Contains(".spec.", StringComparison.Ordinal);
    }
}
