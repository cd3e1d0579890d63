namespace CodexWeb.Agent.Sandboxes;

/// <summary>The numbers of the system calls that <see cref="SeccompFilter"/> judges, for one architecture.</summary>
/// <remarks>Source: the kernel's <c>asm/unistd_64.h</c> and <c>asm-generic/unistd.h</c>.</remarks>
internal sealed class SystemCalls
{
    /// <summary>The AUDIT_ARCH value of <c>linux/audit.h</c>.</summary>
    public required uint AuditArchitecture { get; init; }

    public required uint Clone { get; init; }

    public uint Clone3 { get; } = 435;

    public required uint Unshare { get; init; }

    public required uint Ioctl { get; init; }

    public required uint ResourceLimit { get; init; }

    public required uint Socket { get; init; }

    public required uint SocketPair { get; init; }

    /// <summary>Denied whatever their arguments.</summary>
    public required IReadOnlyList<uint> Denied { get; init; }

    internal static SystemCalls X64 { get; } = new()
    {
        AuditArchitecture = 0xc000_003e,
        Clone = 56,
        Unshare = 272,
        Ioctl = 16,
        ResourceLimit = 302,
        Socket = 41,
        SocketPair = 53,
        Denied =
        [
            .. DeniedEverywhere,
            101, 310, 311, 312, // ptrace, process_vm_readv, process_vm_writev, kcmp
            323, 321, 298, 300, // userfaultfd, bpf, perf_event_open, fanotify_init
            248, 249, 250, // add_key, request_key, keyctl
            246, 320, 174, 175, 176, 177, 178, 313, // kexec_load, kexec_file_load, the module calls
            165, 166, 155, 161, 308, 304, // mount, umount2, pivot_root, chroot, setns, open_by_handle_at
            167, 168, 169, 163, 179, 103, // swapon, swapoff, reboot, acct, quotactl, syslog
            164, 227, 305, 159, 170, 171, // the clock setters, sethostname, setdomainname
            172, 173, 134, 153, 180, 212, // iopl, ioperm, uselib, vhangup, nfsservctl, lookup_dcookie
        ],
    };

    internal static SystemCalls Arm64 { get; } = new()
    {
        AuditArchitecture = 0xc000_00b7,
        Clone = 220,
        Unshare = 97,
        Ioctl = 29,
        ResourceLimit = 261,
        Socket = 198,
        SocketPair = 199,
        Denied =
        [
            .. DeniedEverywhere,
            117, 270, 271, 272, // ptrace, process_vm_readv, process_vm_writev, kcmp
            282, 280, 241, 262, // userfaultfd, bpf, perf_event_open, fanotify_init
            217, 218, 219, // add_key, request_key, keyctl
            104, 294, 105, 106, 273, // kexec_load, kexec_file_load, the module calls
            40, 39, 41, 51, 268, 265, // mount, umount2, pivot_root, chroot, setns, open_by_handle_at
            224, 225, 142, 89, 60, 116, // swapon, swapoff, reboot, acct, quotactl, syslog
            170, 112, 266, 171, 161, 162, // the clock setters, sethostname, setdomainname
            58, 42, 18, // vhangup, nfsservctl, lookup_dcookie
        ],
    };

    /// <summary>Newer calls have one number for all: io_uring, the mount interface, pidfd_getfd, process_madvise, mount_setattr, quotactl_fd, memfd_secret, open_tree_attr.</summary>
    private static IEnumerable<uint> DeniedEverywhere => [425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 440, 442, 443, 447, 467];
}
