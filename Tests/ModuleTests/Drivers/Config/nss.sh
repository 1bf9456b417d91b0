. ./lines
echo 123456 >pin
certutil -K -d sql:$HOME/.pki/nssdb -h all -f pin | grep --quiet 'Martlet'
certutil -L -d sql:$HOME/.pki/nssdb -h all -f pin | grep --quiet 'Certificate for PIV Authentication'
