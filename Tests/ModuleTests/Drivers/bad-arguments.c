/* bad-arguments MODULE: what a module makes of arguments that cannot be used, in the middle of messages and of
   verifications, and of its handles. Prints for each case its name and the return codes of the calls that tell, in
   hexadecimal, or the handles. */
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "module.h"

static CK_FUNCTION_LIST_3_2 *p11;
static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE key;

#define OK(call) expect_ok(p11->call, #call)

static CK_BYTE iv[12], tag[16], text[16], room[64];

static CK_GCM_MESSAGE_PARAMS parameters(CK_BYTE *tag_or_null)
{
    CK_GCM_MESSAGE_PARAMS gcm = {iv, sizeof iv, 0, CKG_NO_GENERATE, tag_or_null, 128};
    return gcm;
}

static void start(void)
{
    CK_BBOOL yes = CK_TRUE;
    CK_ULONG length = 16;
    CK_MECHANISM generate = {CKM_AES_KEY_GEN, NULL, 0};
    CK_ATTRIBUTE template[] = {{CKA_VALUE_LEN, &length, sizeof length}, {CKA_ENCRYPT, &yes, 1}, {CKA_DECRYPT, &yes, 1},
                               {CKA_SIGN, &yes, 1}, {CKA_VERIFY, &yes, 1}};
    OK(C_Initialize(NULL));
    OK(C_OpenSession(first_slot((CK_FUNCTION_LIST *)p11), CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session));
    OK(C_GenerateKey(session, &generate, template, 5, &key));
}

/* A part with a bad argument, and then the next message. */
enum bad { no_length, no_parameter, small_parameter, small_buffer, many };

static void encryption(enum bad bad)
{
    CK_MECHANISM mechanism = {CKM_AES_GCM, NULL, 0};
    CK_GCM_MESSAGE_PARAMS gcm = parameters(tag);
    CK_ULONG length = bad == small_buffer ? 0 : sizeof room;
    OK(C_MessageEncryptInit(session, &mechanism, key));
    OK(C_EncryptMessageBegin(session, &gcm, sizeof gcm, NULL, 0));
    CK_RV code = p11->C_EncryptMessageNext(
        session, bad == no_parameter ? NULL : &gcm, sizeof gcm - (bad == small_parameter), text, sizeof text, room,
        bad == no_length ? NULL : &length, 0);
    printf("encryption-%d %lx %lx\n", bad, code, p11->C_EncryptMessageBegin(session, &gcm, sizeof gcm, NULL, 0));
    OK(C_SessionCancel(session, CKF_MESSAGE_ENCRYPT));
}

static void decryption(enum bad bad)
{
    CK_MECHANISM mechanism = {CKM_AES_GCM, NULL, 0};
    CK_GCM_MESSAGE_PARAMS gcm = parameters(tag);
    CK_ULONG length = bad == small_buffer ? 0 : sizeof room;
    OK(C_MessageDecryptInit(session, &mechanism, key));
    OK(C_DecryptMessageBegin(session, &gcm, sizeof gcm, NULL, 0));
    CK_RV code = p11->C_DecryptMessageNext(
        session, bad == no_parameter ? NULL : &gcm, sizeof gcm - (bad == small_parameter), text, sizeof text, room,
        bad == no_length ? NULL : &length, bad == small_buffer ? CKF_END_OF_MESSAGE : 0);
    printf("decryption-%d %lx %lx\n", bad, code, p11->C_DecryptMessageBegin(session, &gcm, sizeof gcm, NULL, 0));
    OK(C_SessionCancel(session, CKF_MESSAGE_DECRYPT));
}

static void signature(enum bad bad)
{
    CK_MECHANISM mechanism = {CKM_AES_CMAC, NULL, 0};
    CK_ULONG length = bad == small_buffer ? 0 : sizeof room;
    OK(C_MessageSignInit(session, &mechanism, key));
    OK(C_SignMessageBegin(session, NULL, 0));
    CK_RV code = p11->C_SignMessageNext(
        session, NULL, bad == small_parameter, bad == no_parameter ? NULL : text, sizeof text, room, &length);
    printf("signature-%d %lx %lx\n", bad, code, p11->C_SignMessageBegin(session, NULL, 0));
    OK(C_SessionCancel(session, CKF_MESSAGE_SIGN));
    OK(C_MessageVerifyInit(session, &mechanism, key));
    OK(C_VerifyMessageBegin(session, NULL, 0));
    code = p11->C_VerifyMessageNext(
        session, NULL, bad == small_parameter, bad == no_parameter ? NULL : text, sizeof text, NULL, 0);
    printf("verification-%d %lx %lx\n", bad, code, p11->C_VerifyMessageBegin(session, NULL, 0));
    OK(C_SessionCancel(session, CKF_MESSAGE_VERIFY));
}

/* The tag is there with the last part, and not before. */
static void late_tag(void)
{
    CK_MECHANISM mechanism = {CKM_AES_GCM, NULL, 0};
    CK_GCM_MESSAGE_PARAMS without = parameters(NULL), with = parameters(tag);
    CK_BYTE plain[16];
    CK_ULONG length = sizeof room;
    OK(C_MessageEncryptInit(session, &mechanism, key));
    CK_RV begun = p11->C_EncryptMessageBegin(session, &without, sizeof without, NULL, 0);
    CK_RV middle = p11->C_EncryptMessageNext(session, &without, sizeof without, text, 8, room, &length, 0);
    length = sizeof room - 8;
    CK_RV bare = p11->C_EncryptMessageNext(
        session, &without, sizeof without, text, 8, NULL, &length, CKF_END_OF_MESSAGE);
    length = sizeof room - 8;
    CK_RV last = p11->C_EncryptMessageNext(
        session, &with, sizeof with, text + 8, 8, room + 8, &length, CKF_END_OF_MESSAGE);
    printf("late-tag-out %lx %lx %lx %lx\n", begun, middle, bare, last);
    p11->C_SessionCancel(session, CKF_MESSAGE_ENCRYPT);
    OK(C_MessageDecryptInit(session, &mechanism, key));
    begun = p11->C_DecryptMessageBegin(session, &without, sizeof without, NULL, 0);
    length = sizeof plain;
    middle = p11->C_DecryptMessageNext(session, &without, sizeof without, room, 8, plain, &length, 0);
    length = sizeof plain;
    last = p11->C_DecryptMessageNext(session, &with, sizeof with, room + 8, 8, plain, &length, CKF_END_OF_MESSAGE);
    printf("late-tag-in %lx %lx %lx %d\n", begun, middle, last, memcmp(plain, text, sizeof text) == 0);
    /* Where it is due it must be there. */
    p11->C_SessionCancel(session, CKF_MESSAGE_DECRYPT);
    OK(C_MessageDecryptInit(session, &mechanism, key));
    OK(C_DecryptMessageBegin(session, &with, sizeof with, NULL, 0));
    length = sizeof plain;
    last = p11->C_DecryptMessageNext(session, &without, sizeof without, room, 8, plain, &length, CKF_END_OF_MESSAGE);
    printf("no-tag %lx\n", last);
    p11->C_SessionCancel(session, CKF_MESSAGE_DECRYPT);
}

/* A signature that is said to be longer than any, at the end of the memory that can be read. */
static void long_signature(CK_ULONG length)
{
    CK_MECHANISM mechanism = {CKM_AES_CMAC, NULL, 0};
    long page = sysconf(_SC_PAGESIZE);
    CK_BYTE *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(pages + page, page, PROT_NONE);
    fflush(stdout);
    pid_t child = fork();
    int status = 0;
    if (child == 0) {
        start();
        CK_RV begun = p11->C_VerifySignatureInit(session, &mechanism, key, pages + page - 16, length);
        printf("signature-of-%lx %lx %lx\n", length, begun, p11->C_VerifySignature(session, text, sizeof text));
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, &status, 0);
    if (status != 0) printf("signature-of-%lx crashed\n", length);
    munmap(pages, 2 * page);
}

int main(int count, char **arguments)
{
    void *module = count == 2 ? dlopen(arguments[1], RTLD_NOW) : NULL;
    CK_C_GetInterface get = module ? (CK_C_GetInterface)dlsym(module, "C_GetInterface") : NULL;
    CK_INTERFACE *interface;
    CK_VERSION version = {3, 2};
    if (!get || get((CK_UTF8CHAR_PTR) "PKCS 11", &version, &interface, 0) != CKR_OK) return 1;
    p11 = interface->pFunctionList;
    start();
    for (enum bad bad = 0; bad < many; bad++) encryption(bad);
    for (enum bad bad = 0; bad < many; bad++) decryption(bad);
    for (enum bad bad = no_parameter; bad < many; bad++) signature(bad);
    late_tag();
    CK_SESSION_HANDLE old_session = session;
    CK_OBJECT_HANDLE old_key = key;
    OK(C_Finalize(NULL));
    start();
    printf("handles-anew %d %d\n", session > old_session, key > old_key);
    fflush(stdout);
    if (fork() == 0) {
        old_session = session;
        old_key = key;
        start();
        printf("handles-of-the-child %d %d\n", session > old_session, key > old_key);
        fflush(stdout);
        p11->C_Finalize(NULL);
        _exit(0);
    }
    wait(NULL);
    OK(C_Finalize(NULL));
    for (int shift = 12; shift <= 46; shift += 17) long_signature(1ul << shift);
    return 0;
}
