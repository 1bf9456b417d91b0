server_certificate
martlet certificate export "$KEY" --output client.pem
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
mkdir server
cp server.key server.pem client.pem server
chmod 711 "$HOME" "$HOME/.."
chown -R postgres server
as() { setpriv --reuid postgres --regid postgres --clear-groups "$@"; }
cd server
as "$bin/initdb" --pgdata data --auth trust --username postgres >/dev/null
as chmod 600 server.key
echo 'hostssl all all 127.0.0.1/32 cert map=card' >data/pg_hba.conf
echo 'card /^Martlet postgres' >data/pg_ident.conf
serve server.log as "$bin/postgres" -D data -c ssl=on -c ssl_cert_file="$PWD/server.pem" -c ssl_key_file="$PWD/server.key" \
    -c ssl_ca_file="$PWD/client.pem" -c listen_addresses=127.0.0.1 -c unix_socket_directories=
listening 5432
cd ..
. ./lines
answer=$(psql "service=card host=localhost user=postgres dbname=postgres sslrootcert=$HOME/server.pem" -Atc 'select 6 * 7')
[ "$answer" = 42 ] || fail "the server says $answer"
