. ./lines
openssl cms -verify -inform DER -in card.p7m -CAfile card.pem -purpose any -out plain
cmp plain card.pem
