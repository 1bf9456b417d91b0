echo driver >driver.ko
. ./lines
openssl cms -verify -binary -inform DER -in driver.p7s -content driver.ko -certfile card.pem -noverify -out /dev/null
tail -c 28 driver-signed.ko | grep --quiet '~Module signature appended~'
