/* use-keys MODULE TOKEN PIN: uses the keys of a token for what other programs cannot be told to do: signatures that give
   their message back, keys that are unwrapped, signatures with EdDSA and agreement on Montgomery curves. Each line of its
   input is a job: the deed, the key's id, the label of its certificate, the mechanism as pkcs11-tool names it, the file to
   read and the file to write, with tabs between them. It ends with 0 if none failed. */

#include "module.h"

enum { most_bytes = 8192 };

static CK_FUNCTION_LIST_PTR p11;
static CK_SESSION_HANDLE session;

static void open_session(const char *token, const char *pin) {
    CK_SLOT_ID slots[16];
    CK_ULONG count = sizeof slots / sizeof *slots;
    expect_ok(p11->C_GetSlotList(CK_TRUE, slots, &count), "C_GetSlotList");
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        expect_ok(p11->C_GetTokenInfo(slots[i], &info), "C_GetTokenInfo");
        if (strncmp((const char *)info.label, token, strlen(token)) != 0) continue;
        expect_ok(p11->C_OpenSession(slots[i], CKF_SERIAL_SESSION, NULL, NULL, &session), "C_OpenSession");
        expect_ok(p11->C_Login(session, CKU_USER, (CK_UTF8CHAR_PTR)pin, strlen(pin)), "C_Login");
        return;
    }
    expect_ok(CKR_TOKEN_NOT_PRESENT, token);
}

/* The mechanism of that name, with the parameter that the tests give it. */
static CK_MECHANISM mechanism(const char *name) {
    static CK_RSA_PKCS_OAEP_PARAMS oaep = {CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL, 0};
    static CK_RSA_AES_KEY_WRAP_PARAMS through_aes = {256, &oaep};
    static CK_ECDH_AES_KEY_WRAP_PARAMS by_agreement = {256, CKD_SHA256_KDF, 0, NULL};
    static CK_EDDSA_PARAMS without_context = {CK_FALSE, 0, NULL};
    if (strcmp(name, "RSA-PKCS") == 0) return (CK_MECHANISM){CKM_RSA_PKCS, NULL, 0};
    if (strcmp(name, "RSA-X-509") == 0) return (CK_MECHANISM){CKM_RSA_X_509, NULL, 0};
    if (strcmp(name, "RSA-PKCS-OAEP") == 0) return (CK_MECHANISM){CKM_RSA_PKCS_OAEP, &oaep, sizeof oaep};
    if (strcmp(name, "RSA-AES-KEY-WRAP") == 0)
        return (CK_MECHANISM){CKM_RSA_AES_KEY_WRAP, &through_aes, sizeof through_aes};
    if (strcmp(name, "ECDH-AES-KEY-WRAP") == 0)
        return (CK_MECHANISM){CKM_ECDH_AES_KEY_WRAP, &by_agreement, sizeof by_agreement};
    if (strcmp(name, "EDDSA") == 0) return (CK_MECHANISM){CKM_EDDSA, &without_context, sizeof without_context};
    if (strcmp(name, "ECDH1-DERIVE") == 0) return (CK_MECHANISM){CKM_ECDH1_DERIVE, NULL, 0};
    expect_ok(CKR_MECHANISM_INVALID, name);
    exit(1);
}

static CK_ULONG sign(CK_OBJECT_HANDLE key, CK_MECHANISM_PTR how, CK_BYTE *bytes, CK_ULONG count, CK_BYTE *result) {
    CK_ULONG size = most_bytes;
    expect_ok(p11->C_SignInit(session, how, key), "C_SignInit");
    expect_ok(p11->C_Sign(session, bytes, count, result, &size), "C_Sign");
    return size;
}

static CK_ULONG sign_recover(CK_OBJECT_HANDLE key, CK_MECHANISM_PTR how, CK_BYTE *bytes, CK_ULONG count, CK_BYTE *result) {
    CK_ULONG size = most_bytes;
    expect_ok(p11->C_SignRecoverInit(session, how, key), "C_SignRecoverInit");
    expect_ok(p11->C_SignRecover(session, bytes, count, result, &size), "C_SignRecover");
    return size;
}

/* The value of the key that was wrapped, or of the one that is agreed on with the key in a SubjectPublicKeyInfo: those
   of Montgomery curves have twelve bytes before the key's octets. */
static CK_ULONG new_key(CK_OBJECT_HANDLE key, CK_MECHANISM_PTR how, CK_BYTE *bytes, CK_ULONG count, CK_BYTE *result) {
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof class}, {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_SENSITIVE, &no, 1}, {CKA_EXTRACTABLE, &yes, 1},
    };
    CK_OBJECT_HANDLE secret;
    if (how->mechanism == CKM_ECDH1_DERIVE) {
        CK_ECDH1_DERIVE_PARAMS other = {CKD_NULL, 0, NULL, count - 12, bytes + 12};
        CK_MECHANISM derive = {CKM_ECDH1_DERIVE, &other, sizeof other};
        expect_ok(p11->C_DeriveKey(session, &derive, key, template, 4, &secret), "C_DeriveKey");
    } else {
        expect_ok(p11->C_UnwrapKey(session, how, key, bytes, count, template, 4, &secret), "C_UnwrapKey");
    }
    CK_ATTRIBUTE value = {CKA_VALUE, result, most_bytes};
    expect_ok(p11->C_GetAttributeValue(session, secret, &value, 1), "C_GetAttributeValue");
    return value.ulValueLen;
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    p11 = load(argv[1], NULL);
    expect_ok(p11->C_Initialize(NULL), "C_Initialize");
    open_session(argv[2], argv[3]);
    char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        char *words[6];
        int found = 0;
        for (char *word = strtok(line, "\t\n"); word && found < 6; word = strtok(NULL, "\t\n")) words[found++] = word;
        if (found < 6) continue;
        static CK_BYTE bytes[most_bytes], result[most_bytes];
        FILE *source = fopen(words[4], "rb"), *target = fopen(words[5], "wb");
        if (source == NULL || target == NULL) return 2;
        CK_ULONG count = fread(bytes, 1, sizeof bytes, source);
        CK_MECHANISM how = mechanism(words[3]);
        CK_OBJECT_HANDLE key = object_of(p11, session, CKO_PRIVATE_KEY, (CK_BYTE)strtoul(words[1], NULL, 16));
        CK_ULONG size = strcmp(words[0], "sign-recover") == 0 ? sign_recover(key, &how, bytes, count, result)
                        : strcmp(words[0], "sign") == 0       ? sign(key, &how, bytes, count, result)
                                                              : new_key(key, &how, bytes, count, result);
        fwrite(result, 1, size, target);
        fclose(source);
        fclose(target);
    }
    expect_ok(p11->C_Finalize(NULL), "C_Finalize");
    return 0;
}
