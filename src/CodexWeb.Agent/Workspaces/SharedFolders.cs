using System.ComponentModel;
using System.Runtime.InteropServices;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>Folders of the server that the account of the sandboxes may pass through or read, and nobody else.</summary>
internal static class SharedFolders
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes a folder that the account may pass through without seeing what else is in it.</summary>
    internal static void MakePassable(string path, HostAccount account)
    {
        Directory.CreateDirectory(path, Private);
        LetPass(path, account);
    }

    /// <summary>Lets the account pass through a folder that is there.</summary>
    internal static void LetPass(string path, HostAccount account)
    {
        if (account.DropsFromRoot)
        {
            GiveToGroup(path, account);
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.GroupExecute);
        }
    }

    /// <summary>Lets the account read a folder; what is made in it later belongs to the account's group too.</summary>
    internal static void LetRead(string path, HostAccount account)
    {
        if (account.DropsFromRoot)
        {
            GiveToGroup(path, account);
            File.SetUnixFileMode(path, Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.SetGroup);
        }
    }

    /// <summary>Lets the account read a file, and nobody else but its owner.</summary>
    internal static void LetReadFile(string path, HostAccount account)
    {
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (account.DropsFromRoot)
        {
            GiveToGroup(path, account);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        }
    }

    /// <summary>Says why the account cannot reach the data folder, whatever the server does inside it.</summary>
    /// <returns>A sentence with the remedy; null when it can.</returns>
    internal static string? Obstacle(string dataDirectory, HostAccount account)
    {
        if (!account.DropsFromRoot)
        {
            return null;
        }

        for (var folder = Directory.GetParent(dataDirectory); folder is not null; folder = folder.Parent)
        {
            if (!folder.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return $"A server started as root runs its sandboxes as user {account.UserId}, and that user may not enter {folder.FullName}. "
                    + "Start the server as an ordinary user, or put the data folder (setting Data:Directory) where everybody may pass, for example /var/lib/codexweb.";
            }
        }

        return null;
    }

    private static void GiveToGroup(string path, HostAccount account)
    {
        const uint unchanged = uint.MaxValue;
        if (Libc.ChangeOwner(path, unchanged, account.GroupId) != 0)
        {
            throw new IOException($"The group of {path} could not be changed to {account.GroupId}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");
        }
    }
}
