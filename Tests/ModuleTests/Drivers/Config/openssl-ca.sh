. ./lines
openssl verify -CAfile card-ca/ca.pem example.pem
martlet certificate export "$KEY" | openssl x509 -noout -pubkey >public.pem
openssl x509 -in card-ca/ca.pem -noout -pubkey | cmp - public.pem
