import CLibrary

/// A place with a pcscd of its own and a virtual card in its reader.
///
/// It is made of Linux namespaces, so that it meets neither the machine's pcscd nor its readers, runs as any user,
/// and leaves nothing behind: its files lie in memory that goes with it.
enum PrivateWorld {
    /// What the virtual card takes as its PIN.
    static let pin = "123456"

    private static let driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"

    /// Starts this program anew inside such a place, with the module named. Returns only to tell why it could not.
    static func enter(module: String, card: String) throws(CommandFailure) -> Never {
        try checkPrograms()
        // Root needs no user namespace, and is refused one in some containers.
        let user = geteuid() == 0 ? [] : ["--map-root-user"]
        let namespaces = ["--mount", "--net"] + user
        guard Command.succeeds(["unshare"] + namespaces + ["true"]) else {
            throw CommandFailure(
                "this machine does not let you make namespaces for a private pcscd",
                hint: "run it as root, or put a card into a reader of the running pcscd", .refused)
        }
        unsetenv("PCSCLITE_CSOCK_NAME")
        try Command.replaceProcess(
            by: "unshare",
            namespaces + ["--pid", "--fork", "--kill-child", "sh", "-c", script, "martlet-world"]
                + [Companions.executable, card, module])
    }

    private static func checkPrograms() throws(CommandFailure) {
        let needed = [
            ("pcscd", ["/usr/sbin/pcscd"], "pcscd"), ("vpcd, its virtual reader", [driver], "vsmartcard-vpcd"),
            ("unshare", ["/usr/bin/unshare"], "util-linux"), ("ip", ["/sbin/ip", "/usr/bin/ip"], "iproute2"),
        ]
        for (name, places, package) in needed where !places.contains(where: { access($0, R_OK) == 0 }) {
            throw CommandFailure(
                "the virtual card needs \(name), which is not installed", hint: "apt-get install \(package)",
                .unavailable)
        }
    }

    /// Arguments: this program, martlet-card, the module.
    ///
    /// The folder of drivers is hidden, so that no real reader is taken from the machine's own pcscd.
    private static let script = #"""
        martlet=$1 card=$2 module=$3
        PATH=/usr/sbin:/usr/bin:/sbin:/bin
        umask 022
        fail() {
            echo "martlet: error: the private pcscd cannot be started: $1" >&2
            echo "martlet: hint: ${2:-run it as root, or put a card into a reader of the running pcscd}" >&2
            exit 1
        }
        cp -L /usr/lib/pcsc/drivers/serial/libifdvpcd.so /dev/null || fail "no driver of the virtual reader"
        mount -t tmpfs -o mode=755 tmpfs /run || fail "no private /run"
        mkdir /run/pcscd /run/martlet /run/martlet/readers
        cd /run/martlet || fail "no private folder"
        cp -L /usr/lib/pcsc/drivers/serial/libifdvpcd.so vpcd.so
        mount -t tmpfs tmpfs /usr/lib/pcsc/drivers || fail "no private folder of drivers"
        ip link set lo up || fail "no loopback interface"
        cat >readers/virtual <<END
        FRIENDLYNAME "Martlet virtual reader"
        DEVICENAME /dev/null:0x8C7B
        LIBPATH /run/martlet/vpcd.so
        CHANNELID 0x8C7B
        END
        umask 077
        "$card" create --state card.state \
            --key 9a=p256 --key 9c=rsa2048 --key 9d=p384 --key 9e=ed25519 >card.log 2>&1 ||
            fail "the virtual card cannot be made" "$(tail -n 1 card.log)"
        # Debian 13's asks polkit who may come in, and there is none here.
        polkit=$(pcscd --help 2>&1 | grep -o -e --disable-polkit)
        pcscd $polkit --foreground --config /run/martlet/readers >pcscd.log 2>&1 &
        "$card" serve --state card.state --port 35963 >card.log 2>&1 &
        "$martlet" demo --in-private-world --module "$module"
        status=$?
        if [ $status -eq 69 ]; then tail -n 3 pcscd.log card.log >&2; fi
        exit $status
        """#
}
