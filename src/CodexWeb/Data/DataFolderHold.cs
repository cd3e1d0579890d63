namespace CodexWeb.Data;

/// <summary>A server's hold on its data folder. Two servers on one folder would both run the same attempts, so the second does not start. The kernel ends the hold with the process.</summary>
internal sealed class DataFolderHold : IDisposable
{
    // EWOULDBLOCK of flock(2), as .NET hands it on.
    private const int HeldByAnother = 11;

    private readonly FileStream _file;

    private DataFolderHold(FileStream file) => _file = file;

    /// <summary>Makes the folder when it is missing, and takes it.</summary>
    /// <exception cref="IOException">It cannot be made or written to, or another server has it; the message says so and what to do.</exception>
    public static DataFolderHold Take(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new DataFolderHold(new FileStream(Path.Combine(folder, "server.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception) when (exception.HResult == HeldByAnother)
        {
            throw new IOException($"Another server works with the data folder {folder}. Stop that one, or give this one a folder of its own (Data:Directory).", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The data folder {folder} cannot be used: {exception.Message} Give the server a folder that it may write to (Data:Directory).", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
