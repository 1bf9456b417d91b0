. ./lines
pki --req --type priv --keyid 01 --dn CN=card --outform pem >card.csr
openssl req -in card.csr -noout -verify
openssl req -in card.csr -noout -pubkey >one.pem
openssl x509 -in /etc/swanctl/x509/card.pem -noout -pubkey | cmp - one.pem
