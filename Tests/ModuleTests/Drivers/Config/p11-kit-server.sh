. ./lines
export P11_KIT_SERVER_ADDRESS=unix:path=$HOME/card.sock
client=$(dirname "$MODULE")/p11-kit-client.so
echo message >message
pkcs11-tool --module "$client" --login --pin 123456 --sign --id 01 --mechanism SHA256-RSA-PKCS -i message -o signature
martlet certificate export 9a | openssl x509 -noout -pubkey >public.pem
openssl dgst -sha256 -verify public.pem -signature signature message
