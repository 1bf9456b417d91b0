/* standard-descriptors MODULE: uses a PKCS#11 module with standard input and output closed, and standard error too unless
   MARTLET_LOG names it. Ends with 0 if the module took none of these numbers for itself. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "pkcs11.h"

int main(int argc, char **argv)
{
    void *module = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
    CK_C_GetFunctionList get = module ? (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList") : NULL;
    CK_FUNCTION_LIST *list;
    CK_ULONG count = 0;
    const char *log = getenv("MARTLET_LOG");
    int closed = log && strcmp(log, "stderr") == 0 ? 2 : 3;
    if (get == NULL || get(&list) != CKR_OK)
        return 2;
    for (int descriptor = 0; descriptor < closed; descriptor++)
        close(descriptor);
    if (list->C_Initialize(NULL) != CKR_OK || list->C_GetSlotList(CK_TRUE, NULL, &count) != CKR_OK)
        return 3;
    /* pcscd's socket may have taken one; what is left after the end are the module's own. */
    int taken = 0;
    for (int descriptor = 0; descriptor < closed; descriptor++) {
        char path[32] = "/proc/self/fd/0", target[64] = "";
        path[14] = '0' + descriptor;
        if (readlink(path, target, sizeof target - 1) > 0 && strncmp(target, "socket:", 7) != 0)
            taken = 1;
    }
    return list->C_Finalize(NULL) == CKR_OK ? taken : 4;
}
