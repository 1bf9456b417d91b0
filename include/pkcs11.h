#ifndef MARTLET_PKCS11_H
#define MARTLET_PKCS11_H
typedef unsigned long CK_RV;
#endif
