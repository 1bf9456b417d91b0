. ./lines
openssl verify -CAfile card-ca/ca.pem example.pem
