. ./lines
mkdir -p /var/log/nginx
nginx
listening 8443
for version in -tls1_2 -tls1_3; do
    openssl s_client -connect localhost:8443 $version </dev/null 2>/dev/null | openssl x509 >shown.pem
    martlet certificate export "$KEY" | cmp - shown.pem
done
nginx -s quit
