. "$scripts/pe-file.sh"
pe_file app.exe
. ./lines
osslsigncode verify -CAfile card.pem -in app-signed.exe
