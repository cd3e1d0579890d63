using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>
/// Hands a credential to one Git command by a named pipe. What is in a pipe is in memory alone, so that neither a file nor an argument nor an environment has it;
/// it is gone when this is disposed, or the server.
/// </summary>
internal sealed class CredentialPipe : IDisposable
{
    // A pipe takes so much at once without anybody reading, whatever the limits of the machine (PIPE_BUF: https://man7.org/linux/man-pages/man7/pipe.7.html).
    private const int Capacity = 4096;
    private const int MostCopies = 8;
    private const uint OwnerOnly = 0b110_000_000;

    private readonly string path;
    private readonly FileStream held;

    private CredentialPipe(string path, FileStream held)
    {
        this.path = path;
        this.held = held;
    }

    /// <summary>Makes the pipe and fills it.</summary>
    /// <param name="folder">A folder of the server's that nobody else may enter.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    internal static CredentialPipe Open(string folder, GitCredential credential)
    {
        var made = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        if (Libc.MakeFifo(made, OwnerOnly) != 0)
        {
            throw new IOException($"A pipe could not be made in {folder}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");
        }

        FileStream? stream = null;
        try
        {
            // Held for reading too, what was written stays until it is read, and opening it waits for nobody.
            stream = new FileStream(made, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            stream.Write(Fill(credential));
            return new CredentialPipe(made, stream);
        }
        catch
        {
            stream?.Dispose();
            File.Delete(made);
            throw;
        }
    }

    /// <summary>
    /// The settings that let a command read it when the given host asks for a sign-in, and no other: Git compares scheme, host and port, after a redirect too.
    /// </summary>
    /// <param name="origin">Scheme, host and port.</param>
    internal IReadOnlyList<string> SettingsFor(string origin) =>
    [
        // The shell's own read and printf: the secret is no program's argument. An empty line means that all copies were read.
        $"credential.{origin}.helper=!f() {{ test \"$1\" = get && {{ IFS= read -r u; IFS= read -r p; }} <\"$CODEXWEB_CREDENTIAL\" && test -n \"$p\" && printf 'username=%s\\npassword=%s\\n' \"$u\" \"$p\"; }}; f",
    ];

    /// <summary>Tells a command where the pipe is.</summary>
    internal KeyValuePair<string, string> Variable => new("CODEXWEB_CREDENTIAL", path);

    public void Dispose()
    {
        held.Dispose();
        File.Delete(path);
    }

    // Git may ask more than once. Whoever asks after the last copy finds empty lines, many more than it can ask for, instead of waiting for ever.
    private static byte[] Fill(GitCredential credential)
    {
        var copy = Encoding.UTF8.GetBytes($"{credential.UserName}\n{credential.Password}\n");
        var copies = Math.Clamp(Capacity / 2 / copy.Length, 1, MostCopies);
        if (copy.Length * copies > Capacity - 64)
        {
            throw new IOException("The credential is too long to be handed to Git.");
        }

        var filled = new byte[Capacity];
        filled.AsSpan().Fill((byte)'\n');
        for (var at = 0; at < copies; at++)
        {
            copy.CopyTo(filled.AsSpan(at * copy.Length));
        }

        return filled;
    }
}
