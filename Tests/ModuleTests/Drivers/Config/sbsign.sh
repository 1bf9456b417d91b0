. "$scripts/pe-file.sh"
pe_file boot.efi
. ./lines
sbverify --cert card.pem boot-signed.efi
