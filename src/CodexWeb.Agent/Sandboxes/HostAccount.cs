using System.ComponentModel;
using System.Runtime.InteropServices;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>
/// The account on the host that owns workspaces and runs sandboxes: the server's own when the server is an ordinary user, an unprivileged one when it is root.
/// </summary>
/// <param name="UserId">Numeric user id; needs no entry in the password file.</param>
/// <param name="GroupId">Numeric group id.</param>
/// <param name="DropsFromRoot">True when the server is root and every sandbox and workspace process must be started through <c>setpriv</c>.</param>
public sealed record HostAccount(uint UserId, uint GroupId, bool DropsFromRoot)
{
    /// <summary>The user and group id a root server drops to: above those that distributions, systemd and most directories hand out, and not "nobody", which other services share.</summary>
    public const uint UnprivilegedId = 64646;

    /// <summary>The account for this server process.</summary>
    public static HostAccount Detect()
    {
        var userId = Libc.EffectiveUserId();
        return userId == 0
            ? new HostAccount(UnprivilegedId, UnprivilegedId, DropsFromRoot: true)
            : new HostAccount(userId, Libc.EffectiveGroupId(), DropsFromRoot: false);
    }

    /// <summary>Gives one file or folder to the account, not what is inside it; a symbolic link is not followed. No effect unless the server is root.</summary>
    /// <exception cref="IOException">It is not there, or its owner cannot be changed.</exception>
    public void Own(string path)
    {
        if (DropsFromRoot && Libc.ChangeOwner(path, UserId, GroupId) != 0)
        {
            var reason = new Win32Exception(Marshal.GetLastPInvokeError()).Message;
            throw new IOException($"The owner of {path} could not be changed to {UserId}:{GroupId}: {reason}.");
        }
    }

    /// <summary>Makes a folder, with its missing parents, that only the account can enter, and gives it to the account. One that is there already only changes its owner.</summary>
    /// <exception cref="IOException">It cannot be made, or its owner cannot be changed.</exception>
    public void MakeFolder(string path)
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Own(path);
    }
}
