/* A program that uses a PKCS #11 module and keeps no PIN itself, so that a PIN in its memory is the module's:
   `keep-no-pin MODULE`.

   Each line of standard input is a verb and its arguments; the answer is the return code in hexadecimal digits. A line is
   read byte by byte into one buffer, which is wiped when the call has returned. */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "pkcs11.h"

static CK_FUNCTION_LIST_PTR p11;
static CK_SESSION_HANDLE session;
static char line[256];
static char *word[4];

/* The next line, cut at its blanks; 0 at the end of input. */
static int read_line(void)
{
    size_t length = 0;
    while (length < sizeof line - 1 && read(0, line + length, 1) == 1 && line[length] != '\n') length++;
    if (line[length] != '\n') return 0;
    line[length] = 0;
    char *rest = line;
    for (int i = 0; i < 4; i++) word[i] = strsep(&rest, " ");
    return 1;
}

static CK_RV set_pin(void)
{
    return p11->C_SetPIN(session, (CK_BYTE *)word[1], strlen(word[1]), (CK_BYTE *)word[2], strlen(word[2]));
}

/* "sign ID [PIN]": a signature by the key of that id, with the PIN for just this use where one is given. */
static CK_RV sign(void)
{
    CK_BYTE id = strtoul(word[1], NULL, 0), data[32] = {1}, signature[512];
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_ID, &id, 1}};
    CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
    CK_OBJECT_HANDLE key;
    CK_ULONG found = 0, length = sizeof signature;
    CK_RV code = p11->C_FindObjectsInit(session, template, 2);
    if (code == CKR_OK) code = p11->C_FindObjects(session, &key, 1, &found);
    p11->C_FindObjectsFinal(session);
    if (code == CKR_OK && found == 0) return CKR_KEY_HANDLE_INVALID;
    if (code == CKR_OK) code = p11->C_SignInit(session, &mechanism, key);
    if (code == CKR_OK && word[2])
        code = p11->C_Login(session, CKU_CONTEXT_SPECIFIC, (CK_BYTE *)word[2], strlen(word[2]));
    return code == CKR_OK ? p11->C_Sign(session, data, sizeof data, signature, &length) : code;
}

static CK_RV act(void)
{
    const char *verb = word[0];
    CK_SESSION_INFO info;
    if (strcmp(verb, "initialize") == 0) return p11->C_Initialize(NULL);
    if (strcmp(verb, "open") == 0)
        return p11->C_OpenSession(
            strtoul(word[1], NULL, 0), CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session);
    if (strcmp(verb, "login") == 0) return p11->C_Login(session, CKU_USER, (CK_BYTE *)word[1], strlen(word[1]));
    if (strcmp(verb, "login-so") == 0) return p11->C_Login(session, CKU_SO, (CK_BYTE *)word[1], strlen(word[1]));
    if (strcmp(verb, "set-pin") == 0) return set_pin();
    if (strcmp(verb, "sign") == 0) return sign();
    if (strcmp(verb, "info") == 0) return p11->C_GetSessionInfo(session, &info);
    if (strcmp(verb, "logout") == 0) return p11->C_Logout(session);
    if (strcmp(verb, "finalize") == 0) return p11->C_Finalize(NULL);
    return CKR_GENERAL_ERROR;
}

int main(int count, char **arguments)
{
    CK_C_GetFunctionList get_list = NULL;
    void *module = count > 1 ? dlopen(arguments[1], RTLD_NOW) : NULL;
    if (module) get_list = (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList");
    if (!get_list || get_list(&p11) != CKR_OK) return 1;
    /* Whoever wants to look may. */
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    while (read_line()) {
        CK_RV code = strcmp(word[0], "pid") == 0 ? (CK_RV)getpid() : act();
        explicit_bzero(line, sizeof line);
        dprintf(1, "%lx\n", code);
    }
    return 0;
}
