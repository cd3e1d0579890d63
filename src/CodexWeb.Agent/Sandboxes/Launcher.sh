# Puts bubblewrap around a command. Runs as the account that owns workspaces, as root of a user and mount namespace of its own
# (unshare -Urm), with an empty environment. This text is constant; everything else is an argument:
#   $1 $2 $3  the overlay's lower, upper and work folder; all empty when the workspace is a plain folder
#   $4        the seccomp filter in octal, for printf
#   the rest  further arguments of bwrap, which end with the command
# This shell stays bwrap's parent on purpose: --die-with-parent listens to the thread that started it, and threads of the server come and go.

# The server writes a first line when its limits are around this process.
read -r _ || exit 1
umask 022

if [ -n "$1" ]; then
  # By descriptor: no character of a path can then be taken for an option, nor be read in the sandbox's mount table.
  exec 4<"$1" 5<"$2" 6<"$3"
  mount -t overlay codexweb -o lowerdir=/proc/self/fd/4,upperdir=/proc/self/fd/5,workdir=/proc/self/fd/6,userxattr -- "$2" || exit 1
  exec 4<&- 5<&- 6<&-
fi

filter=$4
shift 4
exec 7<&0
printf "$filter" | bwrap \
  --unshare-all --unshare-user --disable-userns --uid 1000 --gid 1000 --hostname codexweb \
  --die-with-parent --new-session --as-pid-1 --clearenv --cap-drop ALL --seccomp 3 \
  --ro-bind-data 4 /etc/passwd --ro-bind-data 5 /etc/group --ro-bind-data 6 /etc/hosts \
  --ro-bind-data 8 /etc/nsswitch.conf --ro-bind-data 9 /etc/resolv.conf \
  "$@" \
  3<&0 0<&7 7<&- 4<<'PASSWD' 5<<'GROUP' 6<<'HOSTS' 8<<'NSSWITCH' 9</dev/null
root:x:0:0:root:/root:/usr/sbin/nologin
codex:x:1000:1000:CodexWeb:/home/codex:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
PASSWD
root:x:0:
codex:x:1000:
nogroup:x:65534:
GROUP
127.0.0.1 localhost codexweb
::1 localhost
HOSTS
passwd: files
group: files
hosts: files
NSSWITCH
