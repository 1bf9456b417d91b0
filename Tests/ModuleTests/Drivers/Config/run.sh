# Does what a person does with `martlet config PROGRAM`, from a home that is empty, and proves that it works:
# `run.sh PROGRAM [OPTION...]`, with martlet in PATH and the module's path in MODULE. The rest is in PROGRAM.sh.
set -e
scripts=$(dirname "$0")
program=$1
shift
[ -z "$PYTHON_FOLDER" ] || PATH=$PYTHON_FOLDER:$PATH
mkdir -p "$HOME"
cd "$HOME"

# What martlet config prints; `. ./lines` is to paste it into a shell.
martlet config "$program" --module "$MODULE" "$@" >lines
# What it says of the PIN's file.
eval "$(sed -n 's/^# PIN: .*\((umask 077; .*)\)$/\1/p' lines | sed s/YOUR-PIN/123456/)"

fail() {
    echo "failed: $*" >&2
    exit 1
}

# Starts a server: `serve LOG PROGRAM ARGUMENT...`.
serve() {
    log=$1
    shift
    "$@" >"$log" 2>&1 </dev/null &
}

# Waits until somebody listens at a port of this world.
listening() {
    for _ in $(seq 100); do
        if bash -c "exec 3<>/dev/tcp/127.0.0.1/$1" 2>/dev/null; then return 0; fi
        sleep 0.1
    done
    cat ./*.log >&2
    fail "nothing listens at port $1"
}

# A certificate for servers: server.key, server.pem.
server_certificate() {
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -keyout server.key -out server.pem 2>/dev/null
}

# Starts a TLS server at port 4433, which shows a client the certificate by which it knows it: `tls_server KEY [OPTION...]`.
tls_server() {
    server_certificate
    martlet certificate export "$1" --output client.pem
    shift
    serve server.log openssl s_server -accept 4433 -key server.key -cert server.pem -Verify 1 -verify_return_error \
        -CAfile client.pem -www "$@"
    listening 4433
}

# Whether a page is the one that the server shows to the card's holder.
shows_client() { grep --quiet --fixed-strings "$(sed -n 2p client.pem)" "$1" || fail "the page does not show the client"; }

# Starts sshd at port 2222, with more lines of its configuration.
ssh_server() {
    [ -e host_key ] || ssh-keygen -q -t ed25519 -N '' -f host_key
    {
        printf '%s\n' 'Port 2222' 'ListenAddress 127.0.0.1' "AuthorizedKeysFile $HOME/authorized_keys" 'PidFile none' \
            'StrictModes no' 'UsePAM no' 'PasswordAuthentication no' 'KbdInteractiveAuthentication no' \
            'PermitRootLogin yes' "$@"
    } >sshd_config
    # Root of a user namespace has only one user to become. As that user itself, sshd does not try to.
    as=
    [ -z "$USER_ID" ] || as="unshare --user --map-user=$USER_ID --map-group=$GROUP_ID"
    serve sshd.log $as /usr/sbin/sshd -D -e -f "$HOME/sshd_config"
    listening 2222
}

# Logs in to it with more options of ssh.
ssh_login() {
    ssh -p 2222 -o UserKnownHostsFile="$HOME/known_hosts" "$@" "$(id -un)@127.0.0.1" true </dev/null
}

. "$scripts/$program.sh"
