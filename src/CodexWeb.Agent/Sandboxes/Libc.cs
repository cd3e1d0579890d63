using System.Runtime.InteropServices;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>The few C library calls .NET does not offer. Linux only.</summary>
internal static partial class Libc
{
    internal const int SigKill = 9;

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUserId();

    [LibraryImport("libc", EntryPoint = "getegid")]
    internal static partial uint EffectiveGroupId();

    /// <summary>Changes the owner of the entry itself, never of what a symbolic link points to.</summary>
    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ChangeOwner(string path, uint userId, uint groupId);

    /// <summary>Sends a signal; a negative <paramref name="processId"/> means the process group of that number.</summary>
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int processId, int signal);

    /// <summary>Makes a named pipe. https://man7.org/linux/man-pages/man3/mkfifo.3.html</summary>
    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MakeFifo(string path, uint mode);
}
