/* PKCS #11: the whole of versions 2.40, 3.0 and 3.2, for C99 and C++ on systems that align structures naturally
   (any but Windows).

   The names, numbers and structures are those of the OASIS standard "PKCS #11 Specification Version 3.2"; the text is
   Martlet's own. To use it elsewhere, copy this file and the folder pkcs11 beside it. Every constant is a plain literal
   of type unsigned long (the three CRYPTOKI_VERSION_ numbers of type int), so that languages which import C see
   numbers. */

#ifndef MARTLET_PKCS11_H
#define MARTLET_PKCS11_H

#ifdef __cplusplus
extern "C" {
#endif

#include "pkcs11/attributes.h"
#include "pkcs11/callbacks.h"
#include "pkcs11/function-lists.h"
#include "pkcs11/function-types.h"
#include "pkcs11/functions.h"
#include "pkcs11/information.h"
#include "pkcs11/mechanisms-digest-derive.h"
#include "pkcs11/mechanisms-historical.h"
#include "pkcs11/mechanisms-public-key.h"
#include "pkcs11/mechanisms-symmetric.h"
#include "pkcs11/objects.h"
#include "pkcs11/parameters-derivation.h"
#include "pkcs11/parameters-historical.h"
#include "pkcs11/parameters-public-key.h"
#include "pkcs11/parameters-symmetric.h"
#include "pkcs11/return-values.h"
#include "pkcs11/types.h"

#ifdef __cplusplus
}
#endif

#endif /* MARTLET_PKCS11_H */
