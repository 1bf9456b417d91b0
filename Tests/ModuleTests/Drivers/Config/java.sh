cp lines martlet.cfg
MARTLET_EACH_USE=login keytool -list -keystore NONE -storetype PKCS11 -providerClass sun.security.pkcs11.SunPKCS11 \
    -providerArg martlet.cfg -storepass 123456 | grep --quiet 'PrivateKeyEntry'
