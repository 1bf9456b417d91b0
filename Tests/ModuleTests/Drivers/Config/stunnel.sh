tls_server "$KEY" $SERVER
cat server.pem >>/etc/ssl/certs/ca-certificates.crt
. ./lines
stunnel4 /etc/stunnel/card.conf
listening 8080
curl --silent --show-error http://127.0.0.1:8080/ >page
shows_client page
