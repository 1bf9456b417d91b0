. ./lines
server_certificate
echo '* TLS' >users
echo '127.0.0.1/32 secret' >clients
printf '%s\n' driver=none interface=lo eap_server=1 "eap_user_file=$HOME/users" ca_cert=/etc/wpa_supplicant/card.pem \
    "server_cert=$HOME/server.pem" "private_key=$HOME/server.key" "radius_server_clients=$HOME/clients" \
    radius_server_auth_port=1812 >hostapd.conf
serve hostapd.log hostapd hostapd.conf
for _ in $(seq 50); do grep --quiet AP-ENABLED hostapd.log && break || sleep 0.1; done
sed "s|^    eap=TLS|&\n    ca_cert=\"$HOME/server.pem\"|" /etc/wpa_supplicant/card.conf >card.conf
eapol_test -c card.conf -a 127.0.0.1 -s secret >eapol.log || { tail -n 40 eapol.log >&2; fail "no access"; }
