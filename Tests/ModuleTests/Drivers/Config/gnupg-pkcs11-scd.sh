cat >pinentry <<'END'
#!/bin/sh
echo "OK Pleased"
while read -r word _; do
    if [ "$word" = GETPIN ]; then echo "D 123456"; fi
    echo OK
done
END
chmod 755 pinentry
mkdir -m 700 -p ~/.gnupg-card
echo "pinentry-program $HOME/pinentry" >~/.gnupg-card/gpg-agent.conf
. ./lines
fingerprint=$(martlet certificate export "$KEY" | openssl x509 -noout -fingerprint -sha1 | sed 's/.*=//; s/://g')
echo "$fingerprint S relax" >"$GNUPGHOME/trustlist.txt"
echo message | gpgsm --disable-crl-checks --sign --local-user "0x$fingerprint" >signed
gpgsm --disable-crl-checks --verify signed
