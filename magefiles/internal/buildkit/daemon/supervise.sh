# Runs a BuildKit daemon until nobody has used it for a while. It is the first process of a PID namespace (or the child of
# rootlesskit, which is), so that the kernel ends every build step with it.
#
#   sh -c SCRIPT supervise USERS IDLE POLL COMMAND…
#
# USERS is the file that every user of the daemon holds locked shared (flock(2)); its time is that of the last use. IDLE and
# POLL are seconds. Descriptor 3 is the owner's lock, held by being open. SIGTERM ends the daemon, then this.
#
# shellcheck shell=sh
users=$1 idle=$2 poll=$3
shift 3

# runc looks into /proc for the processes that it starts; rootlesskit has mounted it already.
[ "$$" -ne 1 ] || mount -t proc proc /proc || exit 1

exec 9>>"$users" || exit 1
trap 'kill "$daemon" 2>/dev/null' TERM INT
"$@" 3>&- 9>&- &
daemon=$!

stop() {
	kill -TERM $$
	sleep 15 # for its steps to end and its databases to be closed
	kill -KILL "$daemon"
}

watch() {
	while sleep "$poll" 3>&- 9>&-; do
		# A removed state directory has no users any more.
		# shellcheck disable=SC3013 # dash, bash and busybox have it
		[ "$users" -ef /proc/self/fd/9 ] || return
		# Time does not run while somebody uses the daemon, also if that process is killed in the end.
		flock -n 9 || { touch -c "$users"; continue; }
		# The lock is kept from here on: who comes now waits until the daemon is gone, and starts another.
		[ $(($(date +%s) - $(stat -c %Y "$users"))) -lt "$idle" ] || return
		flock -u 9
	done
}
{ watch; stop; } &

# A trapped signal ends a wait early.
while kill -0 "$daemon" 2>/dev/null; do
	wait "$daemon"
done
