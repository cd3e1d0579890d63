using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace CodexWeb.Agent.Tools;

/// <summary>What an entry of a folder is.</summary>
internal enum LinuxFileKind
{
    /// <summary>Nothing is there.</summary>
    Missing,

    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>A device, FIFO or socket.</summary>
    Other,
}

/// <summary>An entry's kind, permission bits (with set-user-id and the like) and owner.</summary>
internal sealed record LinuxStatus(LinuxFileKind Kind, int Mode, uint UserId, uint GroupId);

/// <summary>The system calls that name a file by its folder's handle and its name: .NET only knows whole paths, which another process can bend meanwhile. Every failure is an <see cref="IOException"/> with the system's words.</summary>
internal static partial class LinuxFiles
{
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;
    private const int CreateNew = 0x40 | 0x80;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int PathOnly = 0x200000;
    private const int EmptyPath = 0x1000;
    private const int RemoveDirectory = 0x200;
    private const uint BasicStatus = 0x7FF;
    private const int NoEntry = 2;
    private const int NotAFolder = 20;

    // The two flags whose numbers are not the same on every processor.
    private static readonly bool Arm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
    private static readonly int DirectoryOnly = Arm ? 0x4000 : 0x10000;
    private static readonly int NoFollow = Arm ? 0x8000 : 0x20000;

    /// <summary>Opens a folder by a path, following links.</summary>
    public static SafeFileHandle OpenFolder(string path) =>
        Handle(Check(OpenAt(-100, path, PathOnly | DirectoryOnly | CloseOnExec, 0)));

    /// <summary>A handle that stands for an entry, a link itself included; null when there is none.</summary>
    public static SafeFileHandle? OpenEntry(SafeFileHandle folder, string name)
    {
        var opened = OpenAt(folder, name, PathOnly | NoFollow | CloseOnExec, 0);
        return opened < 0 && Marshal.GetLastPInvokeError() is NoEntry or NotAFolder ? null : Handle(Check(opened));
    }

    /// <summary>What a handle stands for.</summary>
    public static LinuxStatus Status(SafeFileHandle entry)
    {
        Check(StatusOf(entry, "", EmptyPath, BasicStatus, out var status));
        var kind = (status.Mode & 0xF000) switch
        {
            0x8000 => LinuxFileKind.Regular,
            0x4000 => LinuxFileKind.Folder,
            0xA000 => LinuxFileKind.Link,
            _ => LinuxFileKind.Other,
        };
        return new LinuxStatus(kind, status.Mode & 0xFFF, status.UserId, status.GroupId);
    }

    /// <summary>The target of a link.</summary>
    public static string ReadLink(SafeFileHandle link)
    {
        var target = new byte[4096];
        return Encoding.UTF8.GetString(target, 0, (int)Check((int)ReadLinkAt(link, "", target, target.Length)));
    }

    /// <summary>Reads a regular file, never through a link and without waiting for a FIFO.</summary>
    /// <returns>The bytes; null when there are more than <paramref name="maxBytes"/>.</returns>
    public static byte[]? Read(SafeFileHandle folder, string name, int maxBytes)
    {
        using var file = Handle(Check(OpenAt(folder, name, ReadOnly | NoFollow | NonBlocking | CloseOnExec, 0)));
        if (Status(file).Kind is not LinuxFileKind.Regular)
        {
            throw new IOException("it is not a regular file any more");
        }

        var length = RandomAccess.GetLength(file);
        if (length > maxBytes)
        {
            return null;
        }

        var content = new byte[length];
        var read = 0;
        while (read < content.Length && RandomAccess.Read(file, content.AsSpan(read), read) is > 0 and var count)
        {
            read += count;
        }

        return read == content.Length ? content : throw new IOException("it became shorter while it was read");
    }

    /// <summary>Writes a new file with the mode bits and, where allowed, the owner of <paramref name="like"/>, or with <paramref name="mode"/> when that is null.</summary>
    public static void Create(SafeFileHandle folder, string name, ReadOnlySpan<byte> content, LinuxStatus? like, int mode)
    {
        using var file = Handle(Check(OpenAt(folder, name, WriteOnly | CreateNew | NoFollow | CloseOnExec, 0b110_000_000)));
        try
        {
            RandomAccess.Write(file, content, 0);
            if (like is not null)
            {
                // Only root may give files away; else the writer owns what it wrote.
                _ = ChangeOwner(file, like.UserId, like.GroupId);
            }

            Check(ChangeMode(file, (uint)(like?.Mode ?? mode)));
        }
        catch (IOException)
        {
            RemoveFile(folder, name);
            throw;
        }
    }

    /// <summary>Makes a folder.</summary>
    public static void MakeFolder(SafeFileHandle parent, string name) => Check(MakeFolderAt(parent, name, 0b111_111_111));

    /// <summary>Moves an entry within its folder, over a file that has the new name.</summary>
    public static void Move(SafeFileHandle folder, string name, string newName) => Check(MoveAt(folder, name, folder, newName));

    /// <summary>Gives a file a second name or, where the file system has no hard links, another name.</summary>
    public static void LinkOrMove(SafeFileHandle folder, string name, string newName)
    {
        if (LinkAt(folder, name, folder, newName, 0) < 0)
        {
            Move(folder, name, newName);
        }
    }

    /// <summary>Removes a file or a link; no effect when there is none.</summary>
    public static void RemoveFile(SafeFileHandle folder, string name)
    {
        var removed = RemoveAt(folder, name, 0);
        if (removed < 0 && Marshal.GetLastPInvokeError() is not NoEntry)
        {
            Check(removed);
        }
    }

    /// <summary>Removes an empty folder.</summary>
    public static void RemoveFolder(SafeFileHandle parent, string name) => Check(RemoveAt(parent, name, RemoveDirectory));

    private static int Check(int result) =>
        result >= 0 ? result : throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));

    private static SafeFileHandle Handle(int descriptor) => new(descriptor, ownsHandle: true);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(SafeFileHandle folder, string name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(int folder, string name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatusOf(SafeFileHandle folder, string name, int flags, uint mask, out NativeStatus status);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadLinkAt(SafeFileHandle folder, string name, [Out] byte[] target, nint size);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int ChangeOwner(SafeFileHandle file, uint userId, uint groupId);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int ChangeMode(SafeFileHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFolderAt(SafeFileHandle folder, string name, uint mode);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MoveAt(SafeFileHandle folder, string name, SafeFileHandle newFolder, string newName);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkAt(SafeFileHandle folder, string name, SafeFileHandle newFolder, string newName, int flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RemoveAt(SafeFileHandle folder, string name, int flags);

    // struct statx: the same layout on every processor.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct NativeStatus
    {
        [FieldOffset(20)]
        public uint UserId;

        [FieldOffset(24)]
        public uint GroupId;

        [FieldOffset(28)]
        public ushort Mode;
    }
}
