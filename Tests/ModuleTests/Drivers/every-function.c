/* Calls every function of a PKCS #11 module with nothing: `every-function MODULE NAME…`.

   For each name one line: the name, and the return codes in hexadecimal of three calls whose arguments are all zero but
   the first: before C_Initialize, with a session handle that there is not, and with the handle of a session that was
   opened for just this call. What a function takes does not matter: an argument more than it has is not looked at. */

#include <dlfcn.h>
#include <stdio.h>

#include "pkcs11.h"

typedef CK_RV (*any_function)(CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG,
                              CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG);

static CK_RV call(any_function function, CK_ULONG first)
{
    return function(first, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

int main(int count, char **arguments)
{
    void *module = count > 2 ? dlopen(arguments[1], RTLD_NOW) : NULL;
    CK_C_GetFunctionList list = module ? (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList") : NULL;
    CK_FUNCTION_LIST_PTR p11;
    if (!list || list(&p11) != CKR_OK) return 1;
    for (int i = 2; i < count; i++) {
        any_function function = (any_function)dlsym(module, arguments[i]);
        CK_RV codes[3] = {0};
        CK_SLOT_ID slot;
        CK_ULONG slots = 1;
        CK_SESSION_HANDLE session = 0;
        if (!function) return 1;
        codes[0] = call(function, 0);
        if (p11->C_Initialize(NULL) != CKR_OK) return 1;
        codes[1] = call(function, 4711);
        p11->C_GetSlotList(CK_TRUE, &slot, &slots);
        /* Handles far from the numbers of slots. */
        while (session < 100)
            if (p11->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session) != CKR_OK) return 1;
        codes[2] = call(function, session);
        printf("%s %lx %lx %lx\n", arguments[i], codes[0], codes[1], codes[2]);
        fflush(stdout);
        p11->C_Finalize(NULL);
    }
    return 0;
}
