# Tries the walls of a sandbox from inside, as hostile code would. Prints NAME=ok or NAME=what went wrong, one line per wall.
# $DATA_FOLDER is the server's data folder, $HOST_PORT a port that the server listens on at 127.0.0.1.

problem=
[ -e /etc/shadow ] && problem="/etc/shadow is there"
[ -e "$DATA_FOLDER" ] && problem="the server's data folder is there"
(: >> /usr/codexweb-probe) 2>/dev/null && problem="/usr can be written"
echo "files=${problem:-ok}"

problem=
for setting in kernel/core_pattern kernel/modprobe vm/drop_caches net/ipv4/ip_forward; do
  (: >> "/proc/sys/$setting") 2>/dev/null && problem="/proc/sys/$setting can be opened for writing"
done
echo "kernel=${problem:-ok}"

problem=
while IFS=': ' read -r interface rest; do
  case $interface in Inter-*|face|lo) ;; *) problem="there is a network interface $interface" ;; esac
done < /proc/net/dev
(: < "/dev/tcp/127.0.0.1/$HOST_PORT") 2>/dev/null && problem="a port of the host can be reached"
echo "network=${problem:-ok}"

problem=
processes=(/proc/[0-9]*)
[ "${#processes[@]}" -gt 4 ] && problem="${#processes[@]} processes can be seen"
(: < /proc/1/environ) 2>/dev/null && problem="process 1 can be looked into"
kill -9 1 2>/dev/null
echo "processes=${problem:-ok}"

seccomp=; capabilities=; nonew=
while read -r name value rest; do
  case $name in Seccomp:) seccomp=$value ;; CapEff:) capabilities=$value ;; NoNewPrivs:) nonew=$value ;; esac
done < /proc/self/status
problem=
[ "$seccomp" = 2 ] || problem="no filter is active"
unshare --user true 2>/dev/null && problem="a new user namespace can be made"
echo "calls=${problem:-ok}"

problem=
[ "$UID" = 1000 ] || problem="it runs as user $UID"
[ "$capabilities" = 0000000000000000 ] || problem="it has the capabilities $capabilities"
[ "$nonew" = 1 ] || problem="programs can gain privileges"
echo "privileges=${problem:-ok}"

(: > probe) 2>/dev/null && echo "workspace=ok" || echo "workspace=it cannot be written"
for name in $(compgen -e); do echo "variable=$name"; done
