/* rounds MODULE COUNT [PIN]: uses a module in rounds, from C_Initialize to C_Finalize and again, and prints after each
   round "BYTES DESCRIPTORS THREADS": what the process then holds of memory from malloc, of files and of threads.
   With a PIN a round opens and closes sessions, searches, logs in, signs, makes session objects and leaves some of it for
   C_Finalize to end; without one it opens a session and leaves it. Ends with 0 if every call did what it should. */
#include <dirent.h>
#include <malloc.h>
#include "module.h"

static CK_FUNCTION_LIST *p11;

#define OK(call) expect_ok(p11->call, #call)

static int entries(const char *folder)
{
    int count = 0;
    DIR *directory = opendir(folder);
    while (directory && readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static void use_much(CK_SLOT_ID slot, const char *pin)
{
    CK_ULONG length;
    CK_SESSION_HANDLE sessions[10];
    CK_OBJECT_HANDLE key = 0, data;
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_BYTE value[4096] = {0}, signature[512];
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_VALUE, value, sizeof value}};
    CK_MECHANISM rsa = {CKM_SHA256_RSA_PKCS, NULL, 0}, sha256 = {CKM_SHA256, NULL, 0};

    for (int i = 0; i < 10; i++)
        OK(C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &sessions[i]));
    OK(C_Login(sessions[0], CKU_USER, (CK_UTF8CHAR_PTR)pin, strlen(pin)));
    for (int i = 0; i < 10; i++) {
        key = object_of(p11, sessions[i], CKO_PRIVATE_KEY, 1);
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
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    p11 = load(argv[1], NULL);
    for (int round = 0; round < atoi(argv[2]); round++) {
        CK_SESSION_HANDLE session;
        OK(C_Initialize(NULL));
        CK_SLOT_ID slot = first_slot(p11);
        if (argc > 3)
            use_much(slot, argv[3]);
        else
            OK(C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session));
        OK(C_Finalize(NULL));
        printf("%zu %d %d\n", mallinfo2().uordblks, entries("/proc/self/fd"), entries("/proc/self/task"));
    }
    return 0;
}
