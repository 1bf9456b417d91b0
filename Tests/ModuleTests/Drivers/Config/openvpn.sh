server_certificate
martlet certificate export "$KEY" --output client.pem
serve server.log openvpn --dev null --ifconfig-noexec --proto tcp-server --local 127.0.0.1 --port 1194 --tls-server \
    --ca client.pem --cert server.pem --key server.key --dh none
listening 1194
sleep 1
printf '%s\n' 'dev null' 'proto tcp-client' 'remote 127.0.0.1 1194' tls-client 'ca server.pem' >card.conf
cat lines >>card.conf
# It goes on until it is ended.
{
    for _ in $(seq 200); do
        if grep --quiet 'Initialization Sequence Completed' server.log; then break; fi
        sleep 0.1
    done
    kill "$(pgrep --newest openvpn)"
} &
openvpn --config card.conf
grep 'Initialization Sequence Completed' server.log
