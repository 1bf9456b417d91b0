. ./lines
openssl req -in card.csr -noout -verify
openssl req -in card.csr -noout -pubkey >public.pem
openssl dgst -sha256 -verify public.pem -signature card.csr.sig card.csr
