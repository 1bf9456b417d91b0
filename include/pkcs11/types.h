/* The scalar types of PKCS #11 and their pointers. Every _PTR type may be NULL_PTR only where the function that
   takes it says so. */

#ifndef MARTLET_PKCS11_TYPES_H
#define MARTLET_PKCS11_TYPES_H

#define CRYPTOKI_VERSION_MAJOR     3
#define CRYPTOKI_VERSION_MINOR     2
#define CRYPTOKI_VERSION_AMENDMENT 0

#ifndef NULL_PTR
#define NULL_PTR 0
#endif

typedef unsigned char CK_BYTE;
typedef CK_BYTE CK_CHAR;     /* of the standard's small character set */
typedef CK_BYTE CK_UTF8CHAR; /* one byte of UTF-8 */
typedef CK_BYTE CK_BBOOL;    /* CK_TRUE or CK_FALSE */
typedef unsigned long CK_ULONG;
typedef long CK_LONG;
typedef CK_ULONG CK_FLAGS;
typedef CK_ULONG CK_RV;

typedef CK_BYTE *CK_BYTE_PTR;
typedef CK_CHAR *CK_CHAR_PTR;
typedef CK_UTF8CHAR *CK_UTF8CHAR_PTR;
typedef CK_BBOOL *CK_BBOOL_PTR;
typedef CK_ULONG *CK_ULONG_PTR;
typedef CK_FLAGS *CK_FLAGS_PTR;
typedef void *CK_VOID_PTR;
typedef CK_VOID_PTR *CK_VOID_PTR_PTR;

#define CK_FALSE 0UL
#define CK_TRUE  1UL

/* A length or a count that cannot be told or must not be, all bits set. */
#define CK_UNAVAILABLE_INFORMATION (~0UL)
/* In ulMaxSessionCount and ulMaxRwSessionCount: no limit worth a number. */
#define CK_EFFECTIVELY_INFINITE    0UL
/* Never the handle of a session or of an object. */
#define CK_INVALID_HANDLE          0UL

typedef CK_ULONG CK_SLOT_ID;
typedef CK_SLOT_ID *CK_SLOT_ID_PTR;
typedef CK_ULONG CK_SESSION_HANDLE;
typedef CK_SESSION_HANDLE *CK_SESSION_HANDLE_PTR;
typedef CK_ULONG CK_OBJECT_HANDLE;
typedef CK_OBJECT_HANDLE *CK_OBJECT_HANDLE_PTR;
typedef CK_ULONG CK_MECHANISM_TYPE;
typedef CK_MECHANISM_TYPE *CK_MECHANISM_TYPE_PTR;

/* Two numbers, as in 2.40: major 2, minor 40. */
typedef struct CK_VERSION {
    CK_BYTE major;
    CK_BYTE minor;
} CK_VERSION;
typedef CK_VERSION *CK_VERSION_PTR;

#endif /* MARTLET_PKCS11_TYPES_H */
