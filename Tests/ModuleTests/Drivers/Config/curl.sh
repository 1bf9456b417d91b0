tls_server "$KEY" $SERVER
. ./lines
curl --config ~/.curl-card --cacert server.pem --silent --show-error https://localhost:4433/ >page
shows_client page
