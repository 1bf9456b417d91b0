truncate --size 32M volume
printf passphrase | cryptsetup luksFormat --batch-mode --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 volume -
sed -i "s|YOUR-DEVICE|$HOME/volume|" lines
export PASSWORD=passphrase
. ./lines
cryptsetup luksDump volume | grep --quiet systemd-pkcs11
grep --quiet "^vault $HOME/volume none pkcs11-uri=auto" /etc/crypttab
