# Process 1 of a sandbox: runs its commands and touches its files for the server, which it talks to in frames over standard input
# and output (SupervisorProtocol.cs describes them). It needs nothing but perl-base, which every Debian and Ubuntu has.
# Arguments: workspace, process limit, memory limit in bytes, file size limit in bytes, CPU limit in seconds, 1 to limit each process's memory too.
#
# Commands share its account, so it defends itself: as process 1 it takes no signal it has no handler for, and it is not dumpable,
# so nobody reads its memory or its descriptors. It ends, and everything inside with it, when the server closes its input.
use strict;
use warnings;
use Fcntl qw(F_GETFL F_SETFL O_CREAT O_EXCL O_NOCTTY O_NOFOLLOW O_NONBLOCK O_RDONLY O_RDWR O_WRONLY S_IFMT S_ISDIR S_ISREG);
use POSIX qw(:errno_h :signal_h :sys_wait_h);

my ($workspace, $process_limit, $memory_limit, $file_limit, $cpu_limit, $limit_each) = @ARGV;

# Numbers of system calls that Perl has no function for.
my %call = (POSIX::uname())[4] eq 'aarch64'
    ? (prctl => 167, prlimit => 261, clock => 113, signalfd => 74)
    : (prctl => 157, prlimit => 302, clock => 228, signalfd => 289);
my ($RLIMIT_CPU, $RLIMIT_FSIZE, $RLIMIT_DATA, $RLIMIT_CORE, $RLIMIT_NPROC, $RLIMIT_NOFILE) = (0, 1, 2, 4, 6, 7);
my ($TIOCSPTLCK, $TIOCGPTN, $TIOCSCTTY, $TIOCSWINSZ) = (0x40045431, 0x80045430, 0x540E, 0x5414);

my $WINDOW = 262_144;          # bytes of a command's output on their way to a reader
my $CHUNK = 65_536;            # bytes in one frame
my $MAX_QUEUE = 1_048_576;     # bytes waiting for the server before commands have to wait too
my $MAX_COMMANDS = 256;
my $GRACE = 0.05;              # seconds a finished command's children get to end its output
my $WATCH = 0.25;              # seconds between looks at processes and memory
my $MAX_HOT = 6;               # looks in a row at the process limit before somebody has to go

my ($in, $out) = ('', '');     # bytes from and for the server
my %commands;                  # id => command, until its end was reported
my %leftovers;                 # output's number => command that was reported while a background process holds its output
my %by_pid;                    # pid => command, until it has ended
my ($next_watch, $populated, $hot, $rounds, $notice) = (0, 0, 0, 0, undef);
my $held = 0;                 # 1 while all that runs inside is stopped
my $page = POSIX::sysconf(POSIX::_SC_PAGESIZE());

syscall($call{prctl}, 4, 0, 0, 0, 0) == 0 or die "prctl: $!";
$SIG{PIPE} = 'IGNORE';
umask 022;
for my $handle (\*STDIN, \*STDOUT) {
    fcntl($handle, F_SETFL, fcntl($handle, F_GETFL, 0) | O_NONBLOCK) or die "fcntl: $!";
}

# Ended children wake select through a descriptor: a handler of Perl's could come between the last look and the wait.
my $child_signal = POSIX::SigSet->new(SIGCHLD);
my $no_signal = POSIX::SigSet->new();
sigprocmask(SIG_BLOCK, $child_signal) or die "sigprocmask: $!";
my $signal_mask = pack('Q', 1 << (SIGCHLD - 1));
my $signal_number = syscall($call{signalfd}, -1, $signal_mask, 8, 0x80800);
open(my $signals, '<&=', $signal_number) or die "signalfd: $!";

send_frame('h', 0, pack('N', 1));
while (1) {
    my ($read, $write) = ('', '');
    vec($read, 0, 1) = 1;
    vec($read, fileno $signals, 1) = 1;
    vec($write, 1, 1) = 1 if length $out;
    my @all = (values %commands, values %leftovers);
    for my $command (@all) {
        vec($read, $command->{output_number}, 1) = 1 if wants_output($command);
        vec($write, fileno $command->{input}, 1) = 1 if $command->{input} && length $command->{pending};
    }

    my $found = select($read, $write, undef, waiting_time());
    $found = 0 if $found < 0;
    my $now = now();
    if ($found) {
        send_queue() if length $out && vec($write, 1, 1);
        reap() if vec($read, fileno $signals, 1);
        for my $command (@all) {
            take_output($command, $now) if $command->{output} && vec($read, $command->{output_number}, 1);
            give_input($command) if $command->{input} && vec($write, fileno $command->{input}, 1);
        }
        receive() if vec($read, 0, 1);
    }

    finish_quiet($now);
    watch($now) if $now >= $next_watch;
}

# ---- Frames -------------------------------------------------------------------------------------------------------------------

sub send_frame {
    my ($kind, $id, $payload) = @_;
    $out .= pack('N a N', length $payload, $kind, $id) . $payload;
    send_queue();
}

sub send_queue {
    while (length $out) {
        my $count = syswrite(STDOUT, $out, 1_048_576);
        if (!defined $count) {
            return if $! == EAGAIN || $! == EINTR;
            POSIX::_exit(0);
        }
        substr($out, 0, $count, '');
    }
}

sub receive {
    while (1) {
        my $count = sysread(STDIN, $in, $CHUNK, length $in);
        if (!defined $count) {
            last if $! == EAGAIN || $! == EINTR;
            POSIX::_exit(0);
        }
        POSIX::_exit(0) if $count == 0;
        last if $count < $CHUNK;
    }
    while (length $in >= 9) {
        my ($size, $kind, $id) = unpack('N a N', $in);
        return if length $in < 9 + $size;
        my $payload = substr($in, 9, $size);
        substr($in, 0, 9 + $size, '');
        handle($kind, $id, $payload);
    }
}

sub handle {
    my ($kind, $id, $payload) = @_;
    my $command = $commands{$id};
    if ($kind eq 'S') { start($id, unpack('C (N/a*)*', $payload)) }
    elsif ($kind eq 'R') { read_file($id, unpack('N a*', $payload)) }
    elsif ($kind eq 'C') { change_files($id, $payload) }
    elsif ($kind eq 'F') { hold($id, unpack('C', $payload)) }
    elsif ($kind eq 'I') { queue_input($command, $id, $payload) }
    elsif ($kind eq 'A') { $command->{credit} += unpack('N', $payload) if $command }
    elsif ($kind eq 'K') { signal_command($command, unpack('N', $payload)) if $command }
}

sub fail { send_frame('e', $_[0], $_[1]) }

sub end_sandbox {
    my ($reason) = @_;
    fcntl(STDOUT, F_SETFL, fcntl(STDOUT, F_GETFL, 0) & ~O_NONBLOCK);
    send_frame('z', 0, $reason);
    POSIX::_exit(0);
}

# ---- Commands -----------------------------------------------------------------------------------------------------------------

sub start {
    my ($id, $flags, $folder, $script, %environment) = @_;
    my ($terminal, $keep_input) = ($flags & 1, $flags & 2);
    $folder = absolute($folder);
    return fail($id, "The working directory $folder is not there.") if !-d $folder;
    return fail($id, "The sandbox runs $MAX_COMMANDS commands already.") if keys %commands >= $MAX_COMMANDS;
    my ($output, $input, $child_end, $child_input, $slave);
    if ($terminal) {
        ($output, $slave) = open_terminal() or return fail($id, "No terminal could be opened: $!.");
        $input = $output;
    } else {
        pipe($output, $child_end) or return fail($id, "No pipe could be made: $!.");
        if ($keep_input) {
            pipe($child_input, $input) or return fail($id, "No pipe could be made: $!.");
        }
    }

    my $pid = fork();
    return fail($id, "The command could not be started: $!.") if !defined $pid;
    run_child($folder, $script, $slave, $child_input, $child_end, \%environment) if $pid == 0;
    for my $handle (grep { defined } $output, $input) {
        fcntl($handle, F_SETFL, fcntl($handle, F_GETFL, 0) | O_NONBLOCK);
    }
    my $command = {
        id => $id, pid => $pid, output => $output, output_number => fileno $output, input => $input,
        pending => '', credit => $WINDOW, started => now(),
    };
    $commands{$id} = $by_pid{$pid} = $command;
    send_frame('s', $id, '');
}

sub open_terminal {
    sysopen(my $master, '/dev/ptmx', O_RDWR | O_NOCTTY) or return;
    my $number = pack('i', 0);
    ioctl($master, $TIOCSPTLCK, $number) or return;
    ioctl($master, $TIOCGPTN, $number) or return;
    my $size = pack('S4', 50, 120, 0, 0);
    ioctl($master, $TIOCSWINSZ, $size) or return;
    return ($master, '/dev/pts/' . unpack('i', $number));
}

# In the new process: becomes the command, or says why not and ends.
sub run_child {
    my ($folder, $script, $slave, $input, $output, $environment) = @_;
    eval {
        POSIX::setsid();
        sigprocmask(SIG_SETMASK, $no_signal);
        $SIG{PIPE} = 'DEFAULT';
        if ($slave) {
            sysopen(my $terminal, $slave, O_RDWR) or die "$slave: $!\n";
            ioctl($terminal, $TIOCSCTTY, 0);
            POSIX::dup2(fileno $terminal, $_) for 0 .. 2;
        } else {
            if (!$input) {
                open($input, '<', '/dev/null') or die "/dev/null: $!\n";
            }
            POSIX::dup2(fileno $input, 0);
            POSIX::dup2(fileno $output, $_) for 1, 2;
        }
        chdir $folder or die "$folder: $!\n";
        %ENV = (%$environment, PWD => $folder);
        limit($RLIMIT_CORE, 0);
        limit($RLIMIT_NOFILE, 16_384);
        # A little later the kernel kills also who does not mind SIGXCPU.
        limit($RLIMIT_CPU, $cpu_limit, $cpu_limit + 5) if $cpu_limit;
        limit($RLIMIT_FSIZE, $file_limit) if $file_limit;
        limit($RLIMIT_DATA, $memory_limit) if $limit_each && $memory_limit;
        limit($RLIMIT_NPROC, $process_limit) if $process_limit;
        no warnings 'exec';
        exec { '/bin/bash' } 'bash', '-c', $script;
        exec { '/bin/sh' } 'sh', '-c', $script;
        die "No shell could be started: $!\n";
    };
    syswrite(STDERR, $@);
    POSIX::_exit(127);
}

# Sets the soft and the hard limit of this process, never above the hard one it has.
sub limit {
    my ($resource, $soft, $hard) = @_;
    $hard //= $soft;
    my $old = pack('Q2', 0, 0);
    syscall($call{prlimit}, 0, $resource, 0, $old) == 0 or die "prlimit: $!\n";
    my (undef, $most) = unpack('Q2', $old);
    $_ = $_ > $most ? $most : $_ for $soft, $hard;
    my $new = pack('Q2', $soft, $hard);
    syscall($call{prlimit}, 0, $resource, $new, 0) == 0 or die "prlimit: $!\n";
}

# A command's output is read while the server has room for it; once its reader is gone it is read and dropped, so that
# what it left in the background lives on.
sub wants_output {
    my ($command) = @_;
    return 0 if !$command->{output};
    return $command->{finished} || ($command->{credit} > 0 && length $out < $MAX_QUEUE);
}

sub take_output {
    my ($command, $now) = @_;
    return if !wants_output($command);
    my $most = $command->{finished} || $command->{credit} > $CHUNK ? $CHUNK : $command->{credit};
    $most = $command->{left} if defined $command->{left} && !$command->{finished} && $command->{left} < $most;
    my $count = sysread($command->{output}, my $bytes, $most);
    if (!defined $count) {
        return if $! == EAGAIN || $! == EINTR;
        $count = 0; # EIO: the last process has closed the terminal.
    }
    if ($count == 0) {
        close_input($command);
        close $command->{output};
        $command->{output} = undef;
        finish($command) if $command->{ended};
        delete $leftovers{$command->{output_number}} if $command->{finished};
        return;
    }
    return if $command->{finished};
    $command->{credit} -= $count;
    $command->{heard} = $now;
    send_frame('o', $command->{id}, $bytes);
    if (defined $command->{left}) {
        $command->{left} -= $count;
        finish($command) if $command->{left} <= 0;
    }
}

sub queue_input {
    my ($command, $id, $bytes) = @_;
    return if !$command;
    return send_frame('i', $id, "\0") if !$command->{input};
    $command->{pending} .= $bytes;
    give_input($command);
}

sub give_input {
    my ($command) = @_;
    my $count = syswrite($command->{input}, $command->{pending});
    if (!defined $count) {
        return if $! == EAGAIN || $! == EINTR;
        return close_input($command);
    }
    substr($command->{pending}, 0, $count, '');
    send_frame('i', $command->{id}, "\1") if !length $command->{pending};
}

sub close_input {
    my ($command) = @_;
    return if !$command->{input};
    send_frame('i', $command->{id}, "\0") if length $command->{pending};
    close $command->{input} if fileno $command->{input} != $command->{output_number};
    @$command{qw(input pending)} = (undef, '');
}

sub signal_command {
    my ($command, $signal) = @_;
    return if $command->{ended};
    # Right after its start it may not be a group yet.
    kill($signal, -$command->{pid}) || kill($signal, $command->{pid});
    if ($signal == SIGKILL) {
        kill SIGKILL, map { $_->{pid} } grep { $_->{session} == $command->{pid} } processes();
    }
}

# Stops all that runs, or lets it go on. As process 1 this one is not among all.
sub hold {
    my ($id, $stop) = @_;
    $held = $stop;
    if ($stop) {
        # What was being made in this moment is found by the next look; what waits for a disk stops when it has it.
        for (1 .. 20) {
            kill SIGSTOP, -1;
            last if !grep { $_->{state} !~ /[TtZXD]/ } processes();
            select(undef, undef, undef, 0.01);
        }
    } else {
        kill SIGCONT, -1;
    }
    send_frame('c', $id, '');
}

sub reap {
    sysread($signals, my $ignored, 4096);
    while ((my $pid = waitpid(-1, WNOHANG)) > 0) {
        my $status = $?;
        my $command = delete $by_pid{$pid} or next;
        @$command{qw(ended status heard)} = (now(), $status, now());
        # What the command itself wrote before it ended fits into the pipe.
        $command->{left} = $CHUNK;
        finish($command) if !$command->{output};
    }
}

# Ends commands whose output stays open in the hands of a background process.
sub finish_quiet {
    my ($now) = @_;
    for my $command (grep { $_->{ended} && !$_->{finished} } values %commands) {
        $command->{heard} = $now if !wants_output($command);
        finish($command) if $now - $command->{heard} >= $GRACE;
    }
}

sub finish {
    my ($command) = @_;
    return if $command->{finished};
    my ($code, $signal) = ($command->{status} >> 8, $command->{status} & 127);
    my $reason = $command->{reason} // $notice // limit_reason($signal || ($code > 128 ? $code - 128 : 0)) // '';
    $notice = undef if !defined $command->{reason};
    close_input($command);
    send_frame('x', $command->{id}, pack('C C Q> a*', $signal ? 1 : 0, $signal || $code, ($command->{ended} - $command->{started}) * 1e6, $reason));
    $command->{finished} = 1;
    delete $commands{$command->{id}};
    $leftovers{$command->{output_number}} = $command if $command->{output};
}

sub limit_reason {
    my ($signal) = @_;
    return "A process used more than $cpu_limit seconds of CPU time, the limit in this sandbox." if $signal == SIGXCPU && $cpu_limit;
    return 'A file grew over ' . mebibytes($file_limit) . ' MiB, the limit in this sandbox.' if $signal == SIGXFSZ && $file_limit;
    return undef;
}

# ---- Watching processes and memory --------------------------------------------------------------------------------------------

sub processes {
    my @found;
    opendir(my $folder, '/proc') or return;
    for my $pid (grep { /^[0-9]+\z/ && $_ != 1 } readdir $folder) {
        open(my $file, '<', "/proc/$pid/stat") or next;
        my $line = <$file> // next;
        my @field = split ' ', substr($line, rindex($line, ')') + 2);
        push @found, { pid => $pid, state => $field[0], session => $field[3], threads => $field[17], resident => $field[21] * $page };
    }
    return @found;
}

sub watch {
    my ($now) = @_;
    $next_watch = $now + $WATCH;
    my @processes = processes();
    $populated = @processes;
    kill SIGSTOP, -1 if $held && $populated;
    my ($threads, $resident) = (0, 0);
    for my $process (@processes) {
        $threads += $process->{threads};
        $resident += $process->{resident};
    }
    watch_memory(@processes) if $memory_limit && $resident > $memory_limit;
    $hot = $process_limit && $threads >= 0.97 * $process_limit ? $hot + 1 : 0;
    $rounds = 0 if !$hot;
    if ($hot >= $MAX_HOT) {
        $hot = 0;
        end_sandbox("The sandbox was ended: its processes kept coming back to the limit of $process_limit.") if ++$rounds > 3;
        stop_largest('threads', "Its processes reached the limit of $process_limit in this sandbox and were stopped.", @processes);
    }
}

sub watch_memory {
    my @processes = @_;
    my $used = 0;
    for my $process (@processes) {
        $process->{resident} = proportional($process->{pid}) // $process->{resident};
        $used += $process->{resident};
    }
    return if $used <= $memory_limit;
    stop_largest('resident', sprintf('Memory reached %d MiB, over the limit of %d MiB in this sandbox, and the largest command was stopped.',
        mebibytes($used), mebibytes($memory_limit)), @processes);
}

# Memory with shared pages counted by share; undef when the process is gone or does not let anybody look.
sub proportional {
    my ($pid) = @_;
    open(my $file, '<', "/proc/$pid/smaps_rollup") or return undef;
    while (defined(my $line = <$file>)) {
        return $1 * 1024 if $line =~ /^Pss:\s+([0-9]+) kB/;
    }
    return undef;
}

# Kills the session that holds most, and tells whom it concerns: its command, or else the next one to end.
sub stop_largest {
    my ($what, $reason, @processes) = @_;
    my %sum;
    $sum{$_->{session}} += $_->{$what} for @processes;
    my ($largest) = sort { $sum{$b} <=> $sum{$a} } keys %sum;
    return if !defined $largest;
    kill SIGKILL, -$largest if $largest > 1;
    kill SIGKILL, map { $_->{pid} } grep { $_->{session} == $largest } @processes;
    if (my $command = $by_pid{$largest}) {
        $command->{reason} = $reason;
    } else {
        $notice = "Processes that an earlier command left in the background were stopped. $reason";
    }
}

# ---- Files --------------------------------------------------------------------------------------------------------------------

sub absolute {
    my ($path) = @_;
    return $workspace if $path eq '';
    return $path =~ m{^/} ? $path : "$workspace/$path";
}

# The path with every link resolved; undef when they go in circles.
sub resolve {
    my @todo = split m{/+}, absolute($_[0]);
    my ($done, $links) = ('', 0);
    while (@todo) {
        my $part = shift @todo;
        next if $part eq '' || $part eq '.';
        if ($part eq '..') {
            $done =~ s{/[^/]*\z}{};
            next;
        }
        my $target = readlink "$done/$part";
        if (!defined $target) {
            $done .= "/$part";
            next;
        }
        return undef if ++$links > 40;
        $done = '' if $target =~ m{^/};
        unshift @todo, split m{/+}, $target;
    }
    return $done eq '' ? '/' : $done;
}

sub read_file {
    my ($id, $most, $path) = @_;
    my ($missing, $regular, $folder, $large, $other) = (0 .. 4);
    my $answer = sub { send_frame('f', $id, pack('C N a*', @_)) };
    my $real = resolve($path) // return $answer->($other, 0, absolute($path));
    my @stat = lstat $real;
    return $answer->($! == EACCES ? $other : $missing, 0, $real) if !@stat;
    my $mode = $stat[2] & 07777;
    return $answer->($folder, $mode, $real) if S_ISDIR($stat[2]);
    # Files of /proc are windows into processes, this one among them.
    return $answer->($other, $mode, $real) if !S_ISREG($stat[2]) || $real =~ m{^/proc/};
    sysopen(my $file, $real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY) or return $answer->($other, $mode, $real);
    @stat = stat $file;
    return $answer->($other, $mode, $real) if !S_ISREG($stat[2]);
    return $answer->($large, $mode, $real) if $stat[7] > $most;
    my $content = '';
    while (length $content <= $most) {
        my $count = sysread($file, $content, $most + 1 - length $content, length $content);
        return $answer->($other, $mode, $real) if !defined $count;
        last if $count == 0;
    }
    return $answer->($large, $mode, $real) if length $content > $most;
    for (my $offset = 0; $offset < length $content; $offset += $CHUNK) {
        send_frame('d', $id, substr($content, $offset, $CHUNK));
    }
    $answer->($regular, $mode, $real);
}

sub change_files {
    my ($id, $payload) = @_;
    my @changes = unpack('(C N N/a* N/a*)*', $payload);
    my (@undo, @keep);
    while (my ($kind, $mode, $path, $content) = splice @changes, 0, 4) {
        my $failure = $kind == 1 ? write_file($path, $mode, $content, \@undo, \@keep) : delete_file($path, \@undo, \@keep);
        next if !defined $failure;
        $_->() for reverse @undo;
        return fail($id, "$path: $failure");
    }
    unlink @keep;
    send_frame('c', $id, '');
}

# Returns why it failed, else undef.
sub write_file {
    my ($path, $mode, $content, $undo, $keep) = @_;
    my $real = resolve($path) // return 'Too many levels of symbolic links.';
    my @old = lstat $real;
    return 'It is a folder.' if @old && S_ISDIR($old[2]);
    return 'It is not a regular file.' if @old && !S_ISREG($old[2]);
    my ($folder) = $real =~ m{^(.*)/[^/]+\z} or return 'It is a folder.';
    my $failure = make_folders($folder, $undo);
    return $failure if defined $failure;
    my $new = scratch_name($folder);
    sysopen(my $file, $new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600) or return "$!.";
    my $written = 0;
    while ($written < length $content) {
        my $count = syswrite($file, $content, length($content) - $written, $written);
        if (!defined $count) {
            next if $! == EINTR;
            my $reason = "$!.";
            unlink $new;
            return $reason;
        }
        $written += $count;
    }
    chmod @old ? $old[2] & 07777 : $mode & 07777, $file;
    close $file;
    my $backup;
    if (@old) {
        $backup = scratch_name($folder);
        if (!link $real, $backup) {
            my $reason = "$!.";
            unlink $new;
            return $reason;
        }
    }
    if (!rename $new, $real) {
        my $reason = "$!.";
        unlink $new, $backup // ();
        return $reason;
    }
    push @$keep, $backup if $backup;
    push @$undo, $backup ? sub { rename $backup, $real } : sub { unlink $real };
    return undef;
}

sub delete_file {
    my ($path, $undo, $keep) = @_;
    my $name = absolute($path);
    my @old = lstat $name or return "$!.";
    return 'It is a folder.' if S_ISDIR($old[2]);
    my ($folder) = $name =~ m{^(.*)/[^/]+\z} or return 'It is a folder.';
    my $backup = scratch_name($folder);
    rename $name, $backup or return "$!.";
    push @$keep, $backup;
    push @$undo, sub { rename $backup, $name };
    return undef;
}

sub make_folders {
    my ($folder, $undo) = @_;
    my $path = '';
    for my $part (grep { $_ ne '' } split m{/}, $folder) {
        $path .= "/$part";
        next if -d $path;
        mkdir $path, 0777 or return "$!.";
        my $made = $path;
        push @$undo, sub { rmdir $made };
    }
    return undef;
}

sub scratch_name { sprintf '%s/.codexweb-%08x%08x', $_[0], rand 0xffff_ffff, rand 0xffff_ffff }

# ---- Small things -------------------------------------------------------------------------------------------------------------

sub now {
    my $time = pack('Q2', 0, 0);
    syscall($call{clock}, 1, $time);
    my ($seconds, $nanoseconds) = unpack('Q2', $time);
    return $seconds + $nanoseconds / 1e9;
}

# How long nothing needs doing by itself: until the next look at the processes while there are any, a moment while a command's
# output is about to end, else for ever.
sub waiting_time {
    return $GRACE / 2 if grep { $_->{ended} && !$_->{finished} } values %commands;
    return $populated || %commands ? $WATCH : 3600;
}

sub mebibytes { int($_[0] / 1_048_576) }
