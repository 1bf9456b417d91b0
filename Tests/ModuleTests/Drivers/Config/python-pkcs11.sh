. ./lines >signature
printf message >message
tail -n 1 signature | tr -d '\n' | xxd -r -p >signature.bin
martlet certificate export 9a | openssl x509 -noout -pubkey >public.pem
openssl dgst -sha256 -verify public.pem -signature signature.bin message
