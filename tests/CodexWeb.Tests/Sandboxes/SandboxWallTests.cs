using System.Net;
using System.Net.Sockets;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Tests.Sandboxes;

/// <summary>What hostile code inside cannot do; every test attacks from inside a real sandbox.</summary>
public sealed class SandboxWallTests : IAsyncLifetime
{
    private readonly SandboxRig rig = new();
    private ISandbox sandbox = null!;

    public async Task InitializeAsync() => sandbox = await rig.StartAsync(spec => spec with { Workspace = rig.Overlay });

    public async Task DisposeAsync() => await rig.DisposeAsync();

    [Fact]
    public async Task No_network_of_the_host_can_be_reached()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var abstractSocket = "codexweb-test-" + Guid.NewGuid().ToString("N");
        using var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        unix.Bind(new UnixDomainSocketEndPoint("\0" + abstractSocket));
        unix.Listen();

        var result = await sandbox.RunAsync(
            $$"""
            (: < /dev/tcp/127.0.0.1/{{port}}) 2>/dev/null && echo host port
            (: < /dev/tcp/169.254.169.254/80) 2>/dev/null && echo metadata
            (echo x > /dev/udp/1.1.1.1/53) 2>/dev/null && echo udp
            (: < /dev/tcp/2606:4700::1111/53) 2>/dev/null && echo ipv6
            perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); print "abstract socket\n" if connect(S, pack("Sa*", AF_UNIX, "\0{{abstractSocket}}"))'
            grep -v -e lo: -e '|' /proc/net/dev
            [ -s /etc/resolv.conf ] && echo resolver
            true
            """);

        Assert.Equal("", result.Output);
        Assert.Equal(0, result.Exit.Code);
    }

    [Fact]
    public async Task Its_own_loopback_works_so_that_servers_can_be_tested()
    {
        var result = await sandbox.RunAsync(
            """
            perl -MIO::Socket::INET -e '
              my $server = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die $!;
              my $client = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $server->sockport) or die $!;
              print "connected\n"'
            """);

        Assert.Equal("connected\n", result.Output);
    }

    [Fact]
    public async Task Neither_files_nor_variables_of_the_server_are_inside()
    {
        var canary = "canary-" + Guid.NewGuid().ToString("N");
        Environment.SetEnvironmentVariable("CODEXWEB_TEST_CANARY", canary);
        await File.WriteAllTextAsync(Path.Combine(rig.Folder, canary), "");
        await using var late = await rig.Driver.StartAsync(new SandboxSpec { Workspace = rig.Plain }, CancellationToken.None);

        var result = await late.RunAsync(
            $$"""
            find / -name '{{canary}}' -not -path '/proc/*' 2>/dev/null
            grep -l -a -e '{{canary[..20]}}' /proc/[0-9]*/environ 2>/dev/null | grep -v /proc/$$/
            ls -d /etc/shadow /etc/gitconfig /etc/npmrc /etc/pip.conf /etc/ssl/private /root /sys '{{rig.Folder}}' '{{AppContext.BaseDirectory}}' 2>/dev/null
            cat /proc/1/environ /proc/1/maps 2>/dev/null | head -c 100
            ls /proc/1/fd 2>/dev/null
            true
            """);

        Environment.SetEnvironmentVariable("CODEXWEB_TEST_CANARY", null);
        Assert.Equal("", result.Output);
    }

    [Fact]
    public async Task The_environment_has_what_is_said_and_no_more()
    {
        var given = await rig.StartAsync(spec => spec with { Environment = new Dictionary<string, string> { ["MINE"] = "a b", ["CI"] = "no" } });

        var result = await given.RunAsync("env | grep -v -e ^PATH= -e ^SHLVL= -e ^_= | sort");

        Assert.Equal(
            """
            CI=no
            GIT_PAGER=cat
            GIT_TERMINAL_PROMPT=0
            HOME=/home/codex
            LANG=C.UTF-8
            LC_ALL=C.UTF-8
            LOGNAME=codex
            MINE=a b
            NO_COLOR=1
            PAGER=cat
            PWD=/workspace
            SHELL=/bin/bash
            TERM=dumb
            USER=codex

            """,
            result.Output);
        await Assert.ThrowsAsync<SandboxException>(() => rig.StartAsync(spec => spec with { Environment = new Dictionary<string, string> { ["A=B"] = "" } }));
    }

    [Fact]
    public async Task No_kernel_setting_can_be_opened_for_writing()
    {
        var result = await sandbox.RunAsync(
            """
            find /proc/sys /proc/sysrq-trigger /proc/irq /proc/bus -type f 2>/dev/null |
              perl -MFcntl -ne 'chomp; $n++; print "$_\n" if sysopen(my $f, $_, O_WRONLY); END { print "tried\n" if $n > 100 }'
            """);

        Assert.Equal("tried\n", result.Output);
    }

    [Fact]
    public async Task Only_the_workspace_and_private_scratch_can_be_written()
    {
        var result = await sandbox.RunAsync(
            """
            find / -not -path '/proc/*' -not -path '/dev/pts/*' \( -type d -o -type f \) -writable 2>/dev/null | grep -v -x -e '/workspace/.*' -e /dev/pts | sort |
              while read -r path; do [ -c "$path" ] || echo "$path"; done
            for device in /dev/*; do [ -b "$device" ] && echo "$device"; done
            touch /etc/x /usr/x /x /dev/x 2>/dev/null || echo refused
            """);

        Assert.Equal("/dev/shm\n/home/codex\n/run\n/tmp\n/workspace\nrefused\n", result.Output);
    }

    [Fact]
    public async Task A_question_cannot_change_the_workspace()
    {
        var asking = await rig.StartAsync(spec => spec with { Workspace = rig.Overlay, ReadOnlyWorkspace = true });

        var result = await asking.RunAsync("(echo x > base.txt) 2>&1; mkdir new 2>&1; chmod +x base.txt 2>&1; cat base.txt; echo y > /tmp/y && cat /tmp/y");
        var change = await Assert.ThrowsAsync<SandboxException>(
            () => asking.ChangeFilesAsync([new SandboxFileChange.Write("base.txt", "x"u8.ToArray())], CancellationToken.None));

        Assert.Equal(3, result.Output.Split("Read-only file system").Length - 1);
        Assert.EndsWith("base\ny\n", result.Output, StringComparison.Ordinal);
        Assert.Equal("base.txt: Read-only file system.", change.Message);
    }

    [Fact]
    public async Task A_read_only_mount_is_seen_at_its_place_and_cannot_be_written()
    {
        await File.WriteAllTextAsync(Path.Combine(rig.Folder, "lower", "shared.txt"), "shared");
        var mounting = await rig.StartAsync(spec => spec with { ReadOnlyMounts = [new ReadOnlyMount(Path.Combine(rig.Folder, "lower"), "/codexweb/shared")] });

        var result = await mounting.RunAsync("cat /codexweb/shared/shared.txt; touch /codexweb/shared/x 2>/dev/null || echo refused");

        Assert.Equal("sharedrefused\n", result.Output);
    }

    [Fact]
    public async Task The_supervisor_cannot_be_killed_stopped_read_or_starved_from_inside()
    {
        await sandbox.RunAsync(
            """
            for signal in KILL STOP TERM INT HUP USR1 ALRM PIPE CHLD; do kill -$signal 1; done
            kill -9 -1
            """);
        await sandbox.RunAsync("prlimit --pid 1 --nofile=3:3 --cpu=1:1; gdb -p 1; cat /proc/1/mem");

        Assert.Equal("still here\n", (await sandbox.RunAsync("echo still here")).Output);
        Assert.False(sandbox.Ended.IsCompleted);
    }

    [Fact]
    public async Task Dangerous_system_calls_fail()
    {
        var result = await sandbox.RunAsync(
            """
            perl -MPOSIX -e '
              my %calls = (uname)[4] eq "aarch64"
                ? (ptrace => 117, process_vm_readv => 270, userfaultfd => 282, bpf => 280, keyctl => 219, add_key => 217, perf_event_open => 241,
                   mount => 40, pivot_root => 41, setns => 268, kexec_load => 104, init_module => 105, open_by_handle_at => 265, reboot => 142, swapon => 224)
                : (ptrace => 101, process_vm_readv => 310, userfaultfd => 323, bpf => 321, keyctl => 250, add_key => 248, perf_event_open => 298,
                   mount => 165, pivot_root => 155, setns => 308, kexec_load => 246, init_module => 175, open_by_handle_at => 304, reboot => 169, swapon => 167);
              @calls{qw(io_uring_setup open_tree move_mount fsopen fsconfig fsmount mount_setattr pidfd_getfd)} = (425, 428, 429, 430, 431, 432, 442, 438);
              for my $name (sort keys %calls) {
                $! = 0;
                my $result = syscall($calls{$name}, 0, 0, 0, 0, 0);
                print "$name: $result $!\n" if $result != -1 || $! != EPERM;
              }
              my ($unshare, $clone, $prlimit, $socket) = (uname)[4] eq "aarch64" ? (97, 220, 261, 198) : (272, 56, 302, 41);
              for my $flag (0x10000000, 0x20000, 0x40000000, 0x80) {
                print "unshare $flag\n" if syscall($unshare, $flag) != -1 || $! != EPERM;
              }
              print "clone: $!\n" if syscall($clone, 0x10000000 | 17, 0, 0, 0, 0) != -1 || $! != EPERM;
              print "clone3: $!\n" if syscall(435, 0, 0) != -1 || $! != ENOSYS;
              print "prlimit of another: $!\n" if syscall($prlimit, 1, 7, 0, 0) != -1 || $! != EPERM;
              for my $family (17, 38, 40, 16 + 0) {
                my $protocol = $family == 16 ? 9 : 0;
                print "socket $family: $!\n" if syscall($socket, $family, 3, $protocol) != -1 || $! != EAFNOSUPPORT;
              }
              print "route socket: $!\n" if syscall($socket, 16, 3, 0) == -1;
              print "done\n"' 2>&1
            """);

        Assert.Equal("done\n", result.Output);
    }

    [Fact]
    public async Task Keys_cannot_be_pushed_into_a_terminal()
    {
        var result = await sandbox.RunAsync("""perl -e '$c = "x"; print ioctl(STDIN, 0x5412, $c) ? "pushed" : $!'""", terminal: true);

        Assert.Equal("Operation not permitted", result.Output);
    }

    [Fact]
    public async Task It_has_no_privilege_and_cannot_gain_one()
    {
        var result = await sandbox.RunAsync(
            """
            id -u; hostname
            grep -E '^(CapInh|CapPrm|CapEff|CapBnd|CapAmb)' /proc/self/status | grep -v '	0000000000000000$'
            grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status
            ls /proc | grep -c '^[0-9]*$'
            unshare --user true 2>&1
            true
            """);

        Assert.StartsWith("1000\ncodexweb\nNoNewPrivs:\t1\nSeccomp:\t2\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("unshare failed: Operation not permitted", result.Output, StringComparison.Ordinal);
        Assert.True(int.Parse(result.Output.Split('\n')[4], System.Globalization.CultureInfo.InvariantCulture) <= 5, result.Output);
    }

    [Fact]
    public async Task Git_and_other_tools_work_inside()
    {
        var result = await sandbox.RunAsync(
            """
            set -e
            git init -q repository && cd repository
            git -c user.name=a -c user.email=a@b commit -q --allow-empty -m one
            git log --format=%s
            echo 'print(1+1)' | python3 - 2>/dev/null || echo 2
            getent passwd codex
            """);

        Assert.Equal("one\n2\ncodex:x:1000:1000:CodexWeb:/home/codex:/bin/bash\n", result.Output);
    }
}
