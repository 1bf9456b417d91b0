/* list-slots MODULE: initialises a PKCS#11 module and lists all its slots, with tokens or without. */
#include <dlfcn.h>
#include <stddef.h>
#include "pkcs11.h"

int main(int argc, char **argv)
{
    void *module = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (module == NULL)
        return 2;
    CK_RV (*get)(CK_FUNCTION_LIST **) = (CK_RV (*)(CK_FUNCTION_LIST **))dlsym(module, "C_GetFunctionList");
    CK_FUNCTION_LIST *list;
    CK_SLOT_ID slots[16];
    CK_ULONG count = 16;
    if (get == NULL || get(&list) != CKR_OK || list->C_Initialize(NULL) != CKR_OK
        || list->C_GetSlotList(CK_FALSE, slots, &count) != CKR_OK || count == 0)
        return 1;
    return list->C_Finalize(NULL) == CKR_OK ? 0 : 1;
}
