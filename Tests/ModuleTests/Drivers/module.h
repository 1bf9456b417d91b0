/* What drivers share that use a module with a card: a call that fails ends them. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "pkcs11.h"

static inline void expect_ok(CK_RV code, const char *call)
{
    if (code == CKR_OK)
        return;
    fprintf(stderr, "%s: %lX\n", call, code);
    exit(1);
}

/* The functions of a module, which the process keeps loaded unless `handle` takes what dlclose wants. */
static inline CK_FUNCTION_LIST *load(const char *path, void **handle)
{
    CK_FUNCTION_LIST *list = NULL;
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList get = module ? (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList") : NULL;
    if (!get || get(&list) != CKR_OK) {
        fprintf(stderr, "no module: %s\n", dlerror());
        exit(3);
    }
    if (handle)
        *handle = module;
    return list;
}

/* The first slot that has a token. */
static inline CK_SLOT_ID first_slot(CK_FUNCTION_LIST *p11)
{
    CK_SLOT_ID slots[64];
    CK_ULONG count = 64;
    expect_ok(p11->C_GetSlotList(CK_TRUE, slots, &count), "C_GetSlotList");
    if (count == 0) {
        fprintf(stderr, "no card\n");
        exit(1);
    }
    return slots[0];
}

/* The object of this class and id. */
static inline CK_OBJECT_HANDLE object_of(
    CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, CK_BYTE id)
{
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_ID, &id, 1}};
    CK_OBJECT_HANDLE object = 0;
    CK_ULONG found = 0;
    expect_ok(p11->C_FindObjectsInit(session, template, 2), "C_FindObjectsInit");
    expect_ok(p11->C_FindObjects(session, &object, 1, &found), "C_FindObjects");
    expect_ok(p11->C_FindObjectsFinal(session), "C_FindObjectsFinal");
    if (found != 1) {
        fprintf(stderr, "no object %lu of id %d\n", class, id);
        exit(1);
    }
    return object;
}
