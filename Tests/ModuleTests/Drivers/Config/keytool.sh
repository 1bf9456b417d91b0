. ./lines >listed
grep --quiet 'PrivateKeyEntry' listed
