# Process 1 of a test's private world: `world.sh DIRECTORY`.
#
# Started in new mount, network and process namespaces, it makes them a place where a pcscd of its own can run,
# and then obeys: it reads commands from standard input, a line each, runs each one in this shell, and answers a
# line "done STATUS". The end of its input, also by the death of the tests, ends it and with it every process here.
# DIRECTORY, which holds this world's files, goes with it.
set -u
directory=$1

# The world's process id as others see it, to enter its namespaces by.
read -r outer_pid _ </proc/self/stat

fail() {
    echo "failed $*"
    exit 1
}

mount -t tmpfs tmpfs /run || fail "no private /run"
mkdir -m 755 /run/pcscd /run/sshd
ip link set lo up || fail "no loopback"

# The machine's real readers and tokens stay out of reach: no driver for them, and no USB device to open.
mount -t tmpfs tmpfs /usr/lib/pcsc/drivers || fail "no private driver folder"
if [ -d /dev/bus/usb ]; then mount -t tmpfs tmpfs /dev/bus/usb || fail "no private /dev/bus/usb"; fi

# Where a container hides parts of /proc this is refused; then the machine's own stays, and few programs care.
mount -t proc proc /proc 2>/dev/null

echo "ready $outer_pid"
while IFS= read -r line; do
    eval "$line"
    echo "done $?"
done

case $directory in /tmp/martlet-world.*) rm -rf -- "$directory" ;; esac
