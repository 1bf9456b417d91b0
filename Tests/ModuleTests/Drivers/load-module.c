/* load-module HOW MODULE: loads a PKCS#11 module as programs do, which only dlopen it.
     once    loads it and asks for its function list
     marked  loads it and asks for all that may be asked before C_Initialize, between two calls of getppid, for a trace
             to be cut there
     version prints the version that C_GetInfo tells of the module
     loop    loads and unloads it a hundred times, using it in between
     thread  unloads it while a thread that used it goes on, and then ends
   Ends with 0 if all went well. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "pkcs11.h"

static void *load(const char *path)
{
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (module == NULL)
        fprintf(stderr, "dlopen: %s\n", dlerror());
    return module;
}

static CK_FUNCTION_LIST *functions(void *module)
{
    CK_RV (*get)(CK_FUNCTION_LIST **) = (CK_RV (*)(CK_FUNCTION_LIST **))dlsym(module, "C_GetFunctionList");
    CK_FUNCTION_LIST *list = NULL;
    if (get == NULL || get(&list) != CKR_OK || list == NULL) {
        fprintf(stderr, "no function list\n");
        return NULL;
    }
    return list;
}

static int once(const char *path)
{
    void *module = load(path);
    CK_FUNCTION_LIST *list = module == NULL ? NULL : functions(module);
    if (list == NULL)
        return 1;
    printf("%d.%d\n", list->version.major, list->version.minor);
    return 0;
}

static int marked(const char *path)
{
    (void)getppid();
    void *module = load(path);
    CK_FUNCTION_LIST *list = module == NULL ? NULL : functions(module);
    CK_RV (*interfaces)(CK_INTERFACE *, CK_ULONG *) = list == NULL
        ? NULL
        : (CK_RV (*)(CK_INTERFACE *, CK_ULONG *))dlsym(module, "C_GetInterfaceList");
    CK_ULONG count = 0;
    CK_INFO info;
    int good = interfaces != NULL && interfaces(NULL, &count) == CKR_OK && count > 0
        && list->C_GetInfo(&info) == CKR_CRYPTOKI_NOT_INITIALIZED;
    (void)getppid();
    return !good;
}

static int version(const char *path)
{
    void *module = load(path);
    CK_FUNCTION_LIST *list = module == NULL ? NULL : functions(module);
    CK_INFO info;
    if (list == NULL || list->C_Initialize(NULL) != CKR_OK || list->C_GetInfo(&info) != CKR_OK)
        return 1;
    printf("%d.%d\n", info.libraryVersion.major, info.libraryVersion.minor);
    return list->C_Finalize(NULL) != CKR_OK;
}

static int loop(const char *path)
{
    for (int round = 0; round < 100; round++) {
        void *module = load(path);
        CK_FUNCTION_LIST *list = module == NULL ? NULL : functions(module);
        CK_INFO info;
        if (list == NULL)
            return 1;
        if (list->C_Initialize(NULL) != CKR_OK || list->C_GetInfo(&info) != CKR_OK
            || list->C_Finalize(NULL) != CKR_OK) {
            fprintf(stderr, "round %d: the module does not work\n", round);
            return 1;
        }
        if (dlclose(module) != 0)
            return 1;
    }
    return 0;
}

static pthread_barrier_t used, unloaded;

static void *use(void *argument)
{
    CK_FUNCTION_LIST *list = argument;
    CK_INFO info;
    int good = list->C_Initialize(NULL) == CKR_OK && list->C_GetInfo(&info) == CKR_OK
        && list->C_Finalize(NULL) == CKR_OK;
    pthread_barrier_wait(&used);
    pthread_barrier_wait(&unloaded);
    return good ? list : NULL;
}

static int thread(const char *path)
{
    void *module = load(path);
    CK_FUNCTION_LIST *list = module == NULL ? NULL : functions(module);
    pthread_t user;
    void *result = NULL;
    if (list == NULL)
        return 1;
    pthread_barrier_init(&used, NULL, 2);
    pthread_barrier_init(&unloaded, NULL, 2);
    if (pthread_create(&user, NULL, use, list) != 0)
        return 1;
    pthread_barrier_wait(&used);
    dlclose(module);
    pthread_barrier_wait(&unloaded);
    pthread_join(user, &result);
    return result == NULL;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    if (strcmp(argv[1], "once") == 0)
        return once(argv[2]);
    if (strcmp(argv[1], "marked") == 0)
        return marked(argv[2]);
    if (strcmp(argv[1], "version") == 0)
        return version(argv[2]);
    if (strcmp(argv[1], "loop") == 0)
        return loop(argv[2]);
    if (strcmp(argv[1], "thread") == 0)
        return thread(argv[2]);
    return 2;
}
