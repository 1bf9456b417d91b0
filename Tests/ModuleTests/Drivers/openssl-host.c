/* openssl-host MODULE PIN: a program that uses libcrypto for itself, and the module through libp11's engine, which it
   makes libcrypto's default for everything. Eight threads sign by the engine and verify by themselves; then calls of the
   module fail in ways that libcrypto notices, and the thread's error queue must have the host's own error, and no other.
   Prints the signatures that were right. Ends with 0 if all went well. */
#include <pthread.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include "module.h"

enum { threads = 8, rounds = 10 };

static EVP_PKEY *private_key, *public_key;

static void *sign(void *argument)
{
    size_t *right = argument;
    for (int round = 0; round < rounds; round++) {
        unsigned char data[32] = {round}, signature[512];
        size_t length = sizeof signature;
        EVP_MD_CTX *signing = EVP_MD_CTX_new(), *verifying = EVP_MD_CTX_new();
        if (EVP_DigestSignInit(signing, NULL, EVP_sha256(), NULL, private_key) == 1
            && EVP_DigestSign(signing, signature, &length, data, sizeof data) == 1
            && EVP_DigestVerifyInit(verifying, NULL, EVP_sha256(), NULL, public_key) == 1
            && EVP_DigestVerify(verifying, signature, length, data, sizeof data) == 1)
            ++*right;
        EVP_MD_CTX_free(signing);
        EVP_MD_CTX_free(verifying);
    }
    return NULL;
}

/* Calls that fail within libcrypto, or after it has said no. */
static int fail(CK_FUNCTION_LIST *p11)
{
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE object;
    CK_OBJECT_CLASS public = CKO_PUBLIC_KEY;
    CK_KEY_TYPE ec = CKK_EC;
    CK_BYTE p256[] = {0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07}, point[67] = {0x04, 0x41, 0x04, 1},
            curve[] = {0x06, 0x01, 0x7F}, data[256] = {1};
    CK_ATTRIBUTE off_curve[] = {
        {CKA_CLASS, &public, sizeof public}, {CKA_KEY_TYPE, &ec, sizeof ec}, {CKA_EC_PARAMS, p256, sizeof p256},
        {CKA_EC_POINT, point, sizeof point}};
    CK_ATTRIBUTE unknown_curve[] = {
        {CKA_CLASS, &public, sizeof public}, {CKA_KEY_TYPE, &ec, sizeof ec}, {CKA_EC_PARAMS, curve, sizeof curve},
        {CKA_EC_POINT, point, sizeof point}};
    CK_MECHANISM rsa = {CKM_SHA256_RSA_PKCS, NULL, 0}, pkcs1 = {CKM_RSA_PKCS, NULL, 0};
    CK_ULONG length = sizeof data;
    CK_RV codes[4];

    expect_ok(p11->C_OpenSession(first_slot(p11), CKF_SERIAL_SESSION, NULL, NULL, &session), "C_OpenSession");
    codes[0] = p11->C_CreateObject(session, off_curve, 4, &object);
    codes[1] = p11->C_CreateObject(session, unknown_curve, 4, &object);
    expect_ok(p11->C_VerifyInit(session, &rsa, object_of(p11, session, CKO_PUBLIC_KEY, 1)), "C_VerifyInit");
    codes[2] = p11->C_Verify(session, data, sizeof data, data, sizeof data);
    expect_ok(p11->C_DecryptInit(session, &pkcs1, object_of(p11, session, CKO_PRIVATE_KEY, 1)), "C_DecryptInit");
    codes[3] = p11->C_Decrypt(session, data, sizeof data, data, &length);
    for (int i = 0; i < 4; i++)
        if (codes[i] == CKR_OK)
            return 0;
    return 1;
}

int main(int argc, char **argv)
{
    pthread_t started[threads];
    size_t right[threads] = {0}, sum = 0;
    ENGINE *engine = argc == 3 ? ENGINE_by_id("pkcs11") : NULL;
    if (!engine || !ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", argv[1], 0)
        || !ENGINE_ctrl_cmd_string(engine, "PIN", argv[2], 0) || !ENGINE_init(engine)
        || !ENGINE_set_default(engine, ENGINE_METHOD_ALL)) {
        ERR_print_errors_fp(stderr);
        return 2;
    }
    private_key = ENGINE_load_private_key(engine, "pkcs11:id=%01;type=private", NULL, NULL);
    public_key = ENGINE_load_public_key(engine, "pkcs11:id=%01;type=public", NULL, NULL);
    if (!private_key || !public_key) {
        ERR_print_errors_fp(stderr);
        return 3;
    }
    for (int i = 0; i < threads; i++)
        pthread_create(&started[i], NULL, sign, &right[i]);
    for (int i = 0; i < threads; i++) {
        pthread_join(started[i], NULL);
        sum += right[i];
    }
    printf("%zu\n", sum);

    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 42);
    unsigned long own = ERR_peek_error();
    if (!fail(load(argv[1], NULL)))
        return 4;
    if (ERR_get_error() != own || ERR_get_error() != 0)
        return 5;
    return 0;
}
