/* The function lists of PKCS #11 that this module hands out, and its interfaces.

   The tables live in C because a Swift `let` has no address that outlasts the call in which it is taken. They are
   constant data; the pointers are not pointers to const only because the types of PKCS #11 have none. */

#ifndef MARTLET_CFUNCTIONLIST_H
#define MARTLET_CFUNCTIONLIST_H

/* By its path: a search path of this target would not reach the Swift code that imports it. */
#include "../../../include/pkcs11.h"

/* C_GetAttributeValue of the interface 3.2, which has CKA_EC_POINT of Edwards and Montgomery keys without an OCTET STRING
   around it (PKCS #11 3.2, sections 6.3.5 and 6.3.7). */
CK_RV martlet_get_attribute_value_3_2(
    CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR attributes, CK_ULONG count);

/* The list of 2.40, for C_GetFunctionList. */
CK_FUNCTION_LIST_PTR martlet_function_list(void);

/* How many interfaces there are. */
CK_ULONG martlet_interface_count(void);

/* The interface at an index, the newest first: 3.2, 3.0, 2.40, all of the name "PKCS 11". NULL_PTR for an index that is
   not less than martlet_interface_count(). */
CK_INTERFACE_PTR martlet_interface(CK_ULONG index);

/* The version at the head of an interface's function list. */
CK_VERSION martlet_interface_version(const CK_INTERFACE *interface);

#endif /* MARTLET_CFUNCTIONLIST_H */
