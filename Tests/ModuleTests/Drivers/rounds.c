/* rounds MODULE COUNT PIN: uses a module in rounds, from C_Initialize to C_Finalize and again, and prints after each round
   "BYTES DESCRIPTORS THREADS": what the process then holds of memory from malloc, of files and of threads.
   A round opens and closes sessions, searches, logs in, signs, makes session objects and leaves some of it for
   C_Finalize to end. Ends with 0 if every call did what it should. */
#include <dirent.h>
#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "pkcs11.h"

static CK_FUNCTION_LIST *p11;

static void expect(CK_RV code, const char *call)
{
    if (code == CKR_OK)
        return;
    fprintf(stderr, "%s: %lX\n", call, code);
    exit(1);
}
#define OK(call) expect(p11->call, #call)

static int entries(const char *folder)
{
    int count = 0;
    DIR *directory = opendir(folder);
    while (directory && readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static CK_ULONG find(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, CK_BYTE id, CK_OBJECT_HANDLE *first)
{
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_ID, &id, 1}};
    CK_ULONG found = 0;
    OK(C_FindObjectsInit(session, template, 2));
    OK(C_FindObjects(session, first, 1, &found));
    OK(C_FindObjectsFinal(session));
    return found;
}

static void use_once(const char *pin)
{
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8, length;
    CK_SESSION_HANDLE sessions[10];
    CK_OBJECT_HANDLE key = 0, data;
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_BYTE value[4096] = {0}, signature[512];
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_VALUE, value, sizeof value}};
    CK_MECHANISM rsa = {CKM_SHA256_RSA_PKCS, NULL, 0}, sha256 = {CKM_SHA256, NULL, 0};

    OK(C_Initialize(NULL));
    OK(C_GetSlotList(CK_TRUE, slots, &count));
    for (int i = 0; i < 10; i++)
        OK(C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL, NULL, &sessions[i]));
    OK(C_Login(sessions[0], CKU_USER, (CK_UTF8CHAR_PTR)pin, strlen(pin)));
    for (int i = 0; i < 10; i++) {
        if (find(sessions[i], CKO_PRIVATE_KEY, 1, &key) != 1)
            exit(2);
        OK(C_CreateObject(sessions[i], template, 2, &data));
        OK(C_DigestInit(sessions[i], &sha256));
        length = sizeof signature;
        if (i % 2 == 0)
            OK(C_Digest(sessions[i], value, sizeof value, signature, &length));
    }
    length = sizeof signature;
    OK(C_SignInit(sessions[0], &rsa, key));
    OK(C_Sign(sessions[0], value, sizeof value, signature, &length));
    OK(C_SignInit(sessions[2], &rsa, key));
    for (int i = 0; i < 5; i++)
        OK(C_CloseSession(sessions[i]));
    OK(C_Finalize(NULL));
}

int main(int argc, char **argv)
{
    void *module = argc == 4 ? dlopen(argv[1], RTLD_NOW) : NULL;
    CK_C_GetFunctionList list = module ? (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList") : NULL;
    if (!list || list(&p11) != CKR_OK)
        return 3;
    for (int round = 0; round < atoi(argv[2]); round++) {
        use_once(argv[3]);
        printf("%zu %d %d\n", mallinfo2().uordblks, entries("/proc/self/fd"), entries("/proc/self/task"));
    }
    return 0;
}
