. ./lines
mkdir -p /var/log/apache2 /run/lock
apachectl start
listening 8444
for version in -tls1_2 -tls1_3; do
    openssl s_client -connect localhost:8444 $version </dev/null 2>/dev/null | openssl x509 >shown.pem
    martlet certificate export "$KEY" | cmp - shown.pem
done
apachectl stop
