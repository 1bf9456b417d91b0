. ./lines
openssl req -in card.csr -noout -verify
martlet certificate export "$KEY" | openssl x509 -noout -pubkey >public.pem
openssl req -in card.csr -noout -pubkey | cmp - public.pem
openssl dgst -sha256 -verify public.pem -signature card.csr.sig card.csr
