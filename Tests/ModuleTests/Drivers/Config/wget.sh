tls_server "$KEY" $SERVER
. ./lines
wget --config ~/.wget-card --ca-certificate server.pem --quiet --output-document page https://localhost:4433/
shows_client page
