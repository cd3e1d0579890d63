namespace CodexWeb.Browser.Tests;

/// <summary>A folder of a test, gone with it. Others may pass it: a server started as root runs sandboxes as another account.</summary>
public sealed class DataFolder : IDisposable
{
    public DataFolder()
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"codexweb-test-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path, (UnixFileMode)0b111_101_101);
    }

    public string Path { get; }

    public string Below(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A sandbox that is just ending may still hold a mount; the folder of a finished test harms nobody.
        }
    }
}
