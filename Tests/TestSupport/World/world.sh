# Process 1 of a test's private world: `world.sh DIRECTORY [ROOT FOLDER...]`.
#
# Started in new mount, network and process namespaces, it makes them a place where a pcscd of its own can run,
# and then obeys: it reads commands from standard input, a line each, runs each one in this shell, and answers a
# line "done STATUS". The end of its input, also by the death of the tests, ends it and with it every process here.
# DIRECTORY, which holds this world's files, goes with it.
#
# Where a ROOT is given, the folder of another system, the world is in a copy of it that is thrown away, with these
# FOLDERs of the machine's at their own paths.
set -u
directory=$1
root=${2:-}
shift $(($# < 2 ? $# : 2))

# The world's process id as others see it, to enter its namespaces by.
read -r outer_pid _ </proc/self/stat

fail() {
    echo "failed $*"
    exit 1
}

ip link set lo up || fail "no loopback"

# Everything that runs in a world from here on is the root's. The shell that runs this is the machine's to its end.
enter_root() {
    # The upper layer lies in memory, and is gone with this namespace.
    mount -t tmpfs -o mode=0755 world /media && mkdir /media/upper /media/work /media/root &&
        mount -t overlay overlay -o "lowerdir=$root,upperdir=/media/upper,workdir=/media/work" /media/root &&
        cd /media/root || return
    for folder in /proc /sys /dev "$@"; do
        mkdir -p ".$folder" && mount --rbind "$folder" ".$folder" || return
    done
    cat /etc/hosts >etc/hosts
    mkdir -p usr/lib/pcsc/drivers
    pivot_root . mnt && cd / && umount --lazy /mnt && hash -r
}
if [ -n "$root" ]; then enter_root "$@" || fail "no way into $root"; fi

mount -t tmpfs tmpfs /run || fail "no private /run"
mkdir -m 755 /run/pcscd /run/sshd

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
