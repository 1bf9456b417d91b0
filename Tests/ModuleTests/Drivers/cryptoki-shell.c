/* A program that uses a PKCS #11 module as a script tells it: `cryptoki-shell MODULE`.

   Each line of standard input is "THREAD VERB ARGUMENT…". The call is made by the thread of that name, which is made
   when its name comes first and lives on; the next line is read when the call has returned. For each line one line of
   output: the return code's name, then the call's results. So a test plays several threads of one process in the order
   that it wants, and several processes by running this several times.

   "THREAD& VERB …" does not wait for the call; "THREAD poll" then answers "busy" or "idle", and "THREAD join" what the
   call returned. */

#include <ctype.h>
#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkcs11.h"

enum { most_words = 32, most_bytes = 8192 };

static CK_FUNCTION_LIST_PTR p11;
static CK_FUNCTION_LIST_3_0_PTR p11_3;
static CK_C_GetInterface get_interface;
static CK_C_GetAttributeValue exported_get;

struct name {
    const char *text;
    CK_ULONG value;
};

#define NAME(constant) {#constant, constant}

static const struct name codes[] = {
    NAME(CKR_OK), NAME(CKR_ARGUMENTS_BAD), NAME(CKR_ATTRIBUTE_READ_ONLY), NAME(CKR_ATTRIBUTE_SENSITIVE),
    NAME(CKR_ATTRIBUTE_TYPE_INVALID), NAME(CKR_ATTRIBUTE_VALUE_INVALID), NAME(CKR_ACTION_PROHIBITED),
    NAME(CKR_BUFFER_TOO_SMALL), NAME(CKR_CRYPTOKI_ALREADY_INITIALIZED), NAME(CKR_CRYPTOKI_NOT_INITIALIZED),
    NAME(CKR_DATA_LEN_RANGE), NAME(CKR_DATA_INVALID), NAME(CKR_DEVICE_ERROR), NAME(CKR_DEVICE_REMOVED),
    NAME(CKR_ENCRYPTED_DATA_INVALID), NAME(CKR_ENCRYPTED_DATA_LEN_RANGE), NAME(CKR_FUNCTION_CANCELED),
    NAME(CKR_FUNCTION_FAILED), NAME(CKR_FUNCTION_NOT_SUPPORTED), NAME(CKR_GENERAL_ERROR), NAME(CKR_HOST_MEMORY),
    NAME(CKR_KEY_FUNCTION_NOT_PERMITTED), NAME(CKR_KEY_HANDLE_INVALID), NAME(CKR_KEY_TYPE_INCONSISTENT),
    NAME(CKR_MECHANISM_INVALID), NAME(CKR_MECHANISM_PARAM_INVALID), NAME(CKR_NO_EVENT),
    NAME(CKR_OBJECT_HANDLE_INVALID), NAME(CKR_OPERATION_ACTIVE), NAME(CKR_OPERATION_NOT_INITIALIZED),
    NAME(CKR_PIN_INCORRECT), NAME(CKR_PIN_INVALID), NAME(CKR_PIN_LEN_RANGE), NAME(CKR_PIN_LOCKED),
    NAME(CKR_SESSION_EXISTS), NAME(CKR_SESSION_HANDLE_INVALID), NAME(CKR_SESSION_PARALLEL_NOT_SUPPORTED),
    NAME(CKR_SESSION_READ_ONLY), NAME(CKR_SESSION_READ_ONLY_EXISTS), NAME(CKR_SESSION_READ_WRITE_SO_EXISTS),
    NAME(CKR_SIGNATURE_INVALID), NAME(CKR_SIGNATURE_LEN_RANGE), NAME(CKR_SLOT_ID_INVALID),
    NAME(CKR_TEMPLATE_INCOMPLETE), NAME(CKR_TEMPLATE_INCONSISTENT), NAME(CKR_TOKEN_NOT_PRESENT),
    NAME(CKR_TOKEN_NOT_RECOGNIZED), NAME(CKR_TOKEN_WRITE_PROTECTED), NAME(CKR_USER_ALREADY_LOGGED_IN),
    NAME(CKR_USER_ANOTHER_ALREADY_LOGGED_IN), NAME(CKR_USER_NOT_LOGGED_IN), NAME(CKR_USER_TYPE_INVALID),
    NAME(CKR_AEAD_DECRYPT_FAILED), NAME(CKR_KEY_UNEXTRACTABLE), NAME(CKR_RANDOM_SEED_NOT_SUPPORTED),
    NAME(CKR_WRAPPED_KEY_INVALID), NAME(CKR_WRAPPED_KEY_LEN_RANGE), NAME(CKR_PUBLIC_KEY_INVALID),
};

static const struct name constants[] = {
    {"data", CKO_DATA}, {"certificate", CKO_CERTIFICATE}, {"public", CKO_PUBLIC_KEY}, {"private", CKO_PRIVATE_KEY},
    {"secret", CKO_SECRET_KEY}, {"generic", CKK_GENERIC_SECRET}, {"aes", CKK_AES}, {"rsa", CKK_RSA}, {"ec", CKK_EC},
    {"edwards", CKK_EC_EDWARDS},
    {"user", CKU_USER}, {"so", CKU_SO}, {"context", CKU_CONTEXT_SPECIFIC}, NAME(CKM_RSA_PKCS), NAME(CKM_SHA256_RSA_PKCS),
    NAME(CKM_ECDSA), NAME(CKM_ECDSA_SHA256), NAME(CKM_EDDSA), NAME(CKM_SHA256), NAME(CKM_AES_CBC), NAME(CKM_RSA_PKCS_PSS),
    NAME(CKM_AES_KEY_GEN), NAME(CKM_AES_ECB), NAME(CKM_AES_CBC_PAD), NAME(CKM_AES_CTR), NAME(CKM_AES_GCM),
    NAME(CKM_AES_CCM), NAME(CKM_AES_CMAC), NAME(CKM_AES_KEY_WRAP), NAME(CKM_AES_KEY_WRAP_KWP), NAME(CKM_SHA256_HMAC),
    NAME(CKM_SHA256_HMAC_GENERAL), NAME(CKM_SHA256_KEY_DERIVATION), NAME(CKM_HKDF_DERIVE),
    NAME(CKM_CONCATENATE_BASE_AND_DATA), NAME(CKM_ECDH1_DERIVE), NAME(CKM_ECDH1_COFACTOR_DERIVE), NAME(CKD_NULL),
    NAME(CKD_SHA1_KDF), NAME(CKD_SHA256_KDF), NAME(CKD_SHA384_KDF), NAME(CKD_SHA512_KDF), NAME(CKD_SHA3_256_KDF),
    NAME(CKD_SHA256_KDF_SP800), NAME(CKD_SHA3_512_KDF_SP800),
};

static const struct name attributes[] = {
    {"class", CKA_CLASS}, {"token", CKA_TOKEN}, {"private", CKA_PRIVATE}, {"label", CKA_LABEL}, {"id", CKA_ID},
    {"value", CKA_VALUE}, {"application", CKA_APPLICATION}, {"object-id", CKA_OBJECT_ID}, {"modifiable", CKA_MODIFIABLE},
    {"key-type", CKA_KEY_TYPE}, {"certificate-type", CKA_CERTIFICATE_TYPE}, {"subject", CKA_SUBJECT},
    {"sign", CKA_SIGN}, {"modulus", CKA_MODULUS}, {"sensitive", CKA_SENSITIVE}, {"extractable", CKA_EXTRACTABLE},
    {"always-authenticate", CKA_ALWAYS_AUTHENTICATE}, {"unique-id", CKA_UNIQUE_ID}, {"value-len", CKA_VALUE_LEN},
    {"encrypt", CKA_ENCRYPT}, {"decrypt", CKA_DECRYPT}, {"verify", CKA_VERIFY}, {"wrap", CKA_WRAP},
    {"unwrap", CKA_UNWRAP}, {"derive", CKA_DERIVE}, {"local", CKA_LOCAL},
    {"copyable", CKA_COPYABLE}, {"destroyable", CKA_DESTROYABLE}, {"private-exponent", CKA_PRIVATE_EXPONENT},
    {"ec-params", CKA_EC_PARAMS}, {"ec-point", CKA_EC_POINT},
};

#define FIND(table, text) find(table, sizeof table / sizeof *table, text)

static CK_ULONG find(const struct name *table, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].text, text) == 0) return table[i].value;
    return strtoul(text, NULL, 0);
}

/* One line: its words, and what answers it. */
struct call {
    char line[8 * most_bytes];
    char *word[most_words];
    int words;
    CK_RV code;
    char result[4 * most_bytes];
};

static void add(struct call *call, const char *text)
{
    size_t used = strlen(call->result);
    snprintf(call->result + used, sizeof call->result - used, " %s", text);
}

static void add_number(struct call *call, CK_ULONG number)
{
    char text[32];
    snprintf(text, sizeof text, "%lu", number);
    add(call, text);
}

static void add_bytes(struct call *call, const CK_BYTE *bytes, CK_ULONG count)
{
    char text[2 * most_bytes + 1] = "-";
    for (CK_ULONG i = 0; i < count && i < most_bytes; i++) sprintf(text + 2 * i, "%02x", bytes[i]);
    add(call, text);
}

/* Bytes written as "hex:0a0b", as "zeros:100", as "null", or as they stand. */
static CK_BYTE *bytes_of(const char *text, CK_ULONG *count)
{
    static __thread CK_BYTE buffers[most_words][most_bytes];
    static __thread int next;
    CK_BYTE *bytes = buffers[next++ % most_words];
    *count = 0;
    if (strncmp(text, "null", 4) == 0) {
        /* "null" is NULL and 0, "null:5" is NULL and 5. */
        if (text[4] == ':') *count = strtoul(text + 5, NULL, 0);
        return NULL;
    }
    if (strncmp(text, "zeros:", 6) == 0) {
        *count = strtoul(text + 6, NULL, 0);
        memset(bytes, 0, most_bytes);
        return bytes;
    }
    if (strncmp(text, "hex:", 4) == 0) {
        for (text += 4; isxdigit(text[0]) && isxdigit(text[1]); text += 2) {
            char digits[3] = {text[0], text[1], 0};
            bytes[(*count)++] = strtoul(digits, NULL, 16);
        }
        return bytes;
    }
    *count = strlen(text);
    memcpy(bytes, text, *count);
    return bytes;
}

/* The words from `first` on, each "NAME=VALUE", as a template. */
static CK_ULONG template_of(struct call *call, int first, CK_ATTRIBUTE *template)
{
    static __thread CK_ULONG numbers[most_words];
    static __thread CK_BBOOL flags[most_words];
    CK_ULONG count = 0;
    for (int i = first; i < call->words; i++, count++) {
        char *value = strchr(call->word[i], '=');
        if (value) *value++ = 0;
        CK_ATTRIBUTE *attribute = &template[count];
        attribute->type = FIND(attributes, call->word[i]);
        if (!value) {
            attribute->pValue = NULL;
            attribute->ulValueLen = 0;
        } else if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0) {
            flags[i] = value[0] == 't';
            attribute->pValue = &flags[i];
            attribute->ulValueLen = sizeof flags[i];
        } else if (strncmp(value, "hex:", 4) != 0
                   && (attribute->type == CKA_CLASS || attribute->type == CKA_KEY_TYPE
                       || attribute->type == CKA_CERTIFICATE_TYPE || attribute->type == CKA_VALUE_LEN)) {
            numbers[i] = FIND(constants, value);
            attribute->pValue = &numbers[i];
            attribute->ulValueLen = sizeof numbers[i];
        } else {
            attribute->pValue = bytes_of(value, &attribute->ulValueLen);
        }
    }
    return count;
}

static CK_ULONG number(struct call *call, int index)
{
    return index < call->words ? FIND(constants, call->word[index]) : 0;
}

/* A mechanism written as its name, with its parameter after a slash: bytes as they stand in memory, or
   "gcm,IV,DATA,BITS" for CK_GCM_PARAMS, "data,BYTES" for CK_KEY_DERIVATION_STRING_DATA, "ecdh,KDF,SHARED,POINT" for
   CK_ECDH1_DERIVE_PARAMS. */
static CK_MECHANISM mechanism_of(char *word)
{
    static __thread CK_GCM_PARAMS gcm;
    static __thread CK_KEY_DERIVATION_STRING_DATA data;
    static __thread CK_ECDH1_DERIVE_PARAMS ecdh;
    CK_MECHANISM mechanism = {0, NULL, 0};
    char *parameter = strchr(word, '/');
    if (parameter) *parameter++ = 0;
    mechanism.mechanism = FIND(constants, word);
    if (!parameter) return mechanism;
    char *fields[4] = {parameter};
    for (int i = 1; i < 4 && (fields[i] = strchr(fields[i - 1], ',')); i++) *fields[i]++ = 0;
    if (strcmp(fields[0], "gcm") == 0 && fields[3]) {
        memset(&gcm, 0, sizeof gcm);
        gcm.pIv = bytes_of(fields[1], &gcm.ulIvLen);
        gcm.pAAD = bytes_of(fields[2], &gcm.ulAADLen);
        gcm.ulTagBits = strtoul(fields[3], NULL, 0);
        mechanism.pParameter = &gcm;
        mechanism.ulParameterLen = sizeof gcm;
    } else if (strcmp(fields[0], "ecdh") == 0 && fields[3]) {
        ecdh.kdf = FIND(constants, fields[1]);
        ecdh.pSharedData = bytes_of(fields[2], &ecdh.ulSharedDataLen);
        ecdh.pPublicData = bytes_of(fields[3], &ecdh.ulPublicDataLen);
        mechanism.pParameter = &ecdh;
        mechanism.ulParameterLen = sizeof ecdh;
    } else if (strcmp(fields[0], "data") == 0 && fields[1]) {
        data.pData = bytes_of(fields[1], &data.ulLen);
        mechanism.pParameter = &data;
        mechanism.ulParameterLen = sizeof data;
    } else {
        mechanism.pParameter = bytes_of(parameter, &mechanism.ulParameterLen);
    }
    return mechanism;
}

static void get(struct call *call)
{
    static __thread CK_BYTE value[most_bytes];
    CK_ATTRIBUTE template[most_words] = {0};
    CK_ULONG count = template_of(call, 4, template);
    for (CK_ULONG i = 0; i < count; i++) {
        template[i].pValue = value + i * (most_bytes / most_words);
        template[i].ulValueLen = count == 1 ? most_bytes : most_bytes / most_words;
    }
    call->code = p11->C_GetAttributeValue(number(call, 2), number(call, 3), template, count);
    for (CK_ULONG i = 0; i < count; i++) {
        if (template[i].ulValueLen == CK_UNAVAILABLE_INFORMATION)
            add(call, "unavailable");
        else
            add_bytes(call, template[i].pValue, template[i].ulValueLen);
    }
}

/* "interface NAME [MAJOR.MINOR]": the version of what C_GetInterface gives for a name, which "null" leaves out. */
static CK_FUNCTION_LIST_PTR interface_of(struct call *call, const char *name, const char *version)
{
    CK_VERSION wanted = {0};
    CK_INTERFACE_PTR found = NULL;
    if (version) sscanf(version, "%hhu.%hhu", &wanted.major, &wanted.minor);
    call->code = get_interface
        ? get_interface(strcmp(name, "null") ? (CK_UTF8CHAR_PTR)name : NULL, version ? &wanted : NULL, &found, 0)
        : CKR_FUNCTION_NOT_SUPPORTED;
    return call->code == CKR_OK ? found->pFunctionList : NULL;
}

static void show_interface(struct call *call)
{
    char text[16], name[32];
    /* A blank, which no word can have, is written as an underscore. */
    snprintf(name, sizeof name, "%s", call->word[2]);
    for (char *blank = name; (blank = strchr(blank, '_')); blank++) *blank = ' ';
    CK_FUNCTION_LIST_PTR list = interface_of(call, name, call->words > 3 ? call->word[3] : NULL);
    if (!list) return;
    snprintf(text, sizeof text, "%d.%d", list->version.major, list->version.minor);
    add(call, text);
}

/* "point FROM SESSION OBJECT [SIZE]": CKA_EC_POINT by the function that is exported, by the "list" of C_GetFunctionList, or
   by the interface of a version, with a buffer of this size; "ask" asks for the length. */
static void get_point(struct call *call)
{
    static __thread CK_BYTE value[most_bytes];
    const char *from = call->word[2], *size = call->words > 5 ? call->word[5] : "8192";
    CK_C_GetAttributeValue function = exported_get;
    if (strcmp(from, "list") == 0) {
        function = p11->C_GetAttributeValue;
    } else if (strcmp(from, "exported") != 0) {
        CK_FUNCTION_LIST_PTR list = interface_of(call, "PKCS 11", from);
        if (!list) return;
        function = list->C_GetAttributeValue;
    }
    CK_ATTRIBUTE point = {CKA_EC_POINT, strcmp(size, "ask") ? value : NULL, strtoul(size, NULL, 0)};
    call->code = function(number(call, 3), number(call, 4), &point, 1);
    if (point.ulValueLen == CK_UNAVAILABLE_INFORMATION)
        add(call, "unavailable");
    else if (!point.pValue)
        add_number(call, point.ulValueLen);
    else
        add_bytes(call, value, point.ulValueLen);
}

static void search(struct call *call)
{
    CK_ATTRIBUTE template[most_words];
    CK_ULONG count = template_of(call, 3, template), found = 1;
    CK_SESSION_HANDLE session = number(call, 2);
    call->code = p11->C_FindObjectsInit(session, template, count);
    while (call->code == CKR_OK && found > 0) {
        CK_OBJECT_HANDLE object;
        call->code = p11->C_FindObjects(session, &object, 1, &found);
        if (call->code == CKR_OK && found > 0) add_number(call, object);
    }
    if (call->code == CKR_OK) call->code = p11->C_FindObjectsFinal(session);
}

static void sign(struct call *call, CK_C_Sign function)
{
    static __thread CK_BYTE output[most_bytes];
    CK_ULONG data_length, length = call->words > 4 ? number(call, 4) : sizeof output;
    CK_BYTE *data = bytes_of(call->word[3], &data_length);
    /* A fifth word is the buffer's size, or "ask" for a length query. */
    int asks = call->words > 4 && strcmp(call->word[4], "ask") == 0;
    call->code = function(number(call, 2), data, data_length, asks ? NULL : output, &length);
    add_number(call, length);
    if (call->code == CKR_OK && !asks) add_bytes(call, output, length);
    explicit_bzero(output, sizeof output);
}

/* "memory HEX": at how many places of this process's memory these bytes stand. The script gives each byte complemented,
   so that what it says is not itself found. Left out are pages that core dumps leave out too: a secret may stand there. */
static void count_in_memory(struct call *call)
{
    CK_ULONG length, found = 0;
    CK_BYTE *wanted = bytes_of(call->word[2], &length);
    FILE *maps = fopen("/proc/self/smaps", "r");
    char line[512], access[8] = "";
    CK_BYTE *start = NULL, *end = NULL, *from, *to;
    while (maps && length > 0 && fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%p-%p %7s", (void **)&from, (void **)&to, access) == 3) {
            start = from;
            end = to;
        } else if (strncmp(line, "VmFlags:", 8) == 0 && strncmp(access, "rw", 2) == 0 && !strstr(line, " dd")) {
            for (CK_BYTE *at = start; at + length <= end; at++) {
                CK_ULONG same = 0;
                while (same < length && at[same] == (CK_BYTE)~wanted[same]) same++;
                if (same == length) found++;
            }
        }
    }
    if (maps) fclose(maps);
    else call->code = CKR_GENERAL_ERROR;
    add_number(call, found);
}

/* "threads": how many threads this process has. */
static void count_threads(struct call *call)
{
    DIR *tasks = opendir("/proc/self/task");
    CK_ULONG count = 0;
    struct dirent *task;
    while (tasks && (task = readdir(tasks))) count += task->d_name[0] != '.';
    if (tasks) closedir(tasks);
    add_number(call, count);
}

static CK_ULONG most_resident(void)
{
    struct rusage usage = {0};
    getrusage(RUSAGE_SELF, &usage);
    return (CK_ULONG)usage.ru_maxrss / 1024;
}

/* "heavy SESSION COUNT SIZE": a search with a template of so many labels, all the same bytes. The result is how many
   megabytes the process has grown. */
static void search_heavily(struct call *call)
{
    CK_ULONG count = number(call, 3), size = number(call, 4), before;
    CK_ATTRIBUTE *template = calloc(count + 1, sizeof *template);
    CK_BYTE *value = calloc(size + 1, 1);
    memset(value, 'a', size);
    for (CK_ULONG i = 0; i < count; i++) template[i] = (CK_ATTRIBUTE){CKA_LABEL, value, size};
    before = most_resident();
    call->code = p11->C_FindObjectsInit(number(call, 2), template, count);
    add_number(call, most_resident() - before);
    if (call->code == CKR_OK) p11->C_FindObjectsFinal(number(call, 2));
    free(value);
    free(template);
}

/* "final": the end of an operation in parts. */
static void finish_parts(struct call *call, CK_C_EncryptFinal function)
{
    static __thread CK_BYTE output[most_bytes];
    CK_ULONG length = sizeof output;
    call->code = function(number(call, 2), output, &length);
    if (call->code == CKR_OK) add_bytes(call, output, length);
}

/* "message SESSION KEY IV FIXED-BITS GENERATOR DATA": a message encrypted and, with what that gave, decrypted. The
   results are vector, tag, ciphertext and plaintext. */
static void message(struct call *call)
{
    CK_BYTE tag[16], cipher[most_bytes], plain[most_bytes];
    CK_ULONG session = number(call, 2), key = number(call, 3), length, cipher_length = most_bytes, plain_length = most_bytes;
    CK_MECHANISM mechanism = {CKM_AES_GCM, NULL, 0};
    CK_GCM_MESSAGE_PARAMS gcm = {NULL, 0, number(call, 5), number(call, 6), tag, 128};
    gcm.pIv = bytes_of(call->word[4], &gcm.ulIvLen);
    CK_BYTE *data = bytes_of(call->word[7], &length);
    call->code = p11_3->C_MessageEncryptInit(session, &mechanism, key);
    if (call->code == CKR_OK)
        call->code = p11_3->C_EncryptMessage(session, &gcm, sizeof gcm, tag, 0, data, length, cipher, &cipher_length);
    p11_3->C_MessageEncryptFinal(session);
    if (call->code != CKR_OK) return;
    add_bytes(call, gcm.pIv, gcm.ulIvLen);
    add_bytes(call, tag, sizeof tag);
    add_bytes(call, cipher, cipher_length);
    call->code = p11_3->C_MessageDecryptInit(session, &mechanism, key);
    if (call->code == CKR_OK)
        call->code =
            p11_3->C_DecryptMessage(session, &gcm, sizeof gcm, NULL, 0, cipher, cipher_length, plain, &plain_length);
    p11_3->C_MessageDecryptFinal(session);
    if (call->code == CKR_OK) add_bytes(call, plain, plain_length);
}

/* The functions that make a secret key, or wrap one. */
static void keys(struct call *call, CK_MECHANISM *mechanism)
{
    const char *verb = call->word[1];
    CK_ATTRIBUTE template[most_words];
    CK_BYTE output[most_bytes];
    CK_ULONG session = number(call, 2), length = sizeof output;
    CK_OBJECT_HANDLE key = 0;
    if (strcmp(verb, "generate") == 0) {
        call->code = p11->C_GenerateKey(session, mechanism, template, template_of(call, 4, template), &key);
    } else if (strcmp(verb, "derive") == 0) {
        call->code =
            p11->C_DeriveKey(session, mechanism, number(call, 4), template, template_of(call, 5, template), &key);
    } else if (strcmp(verb, "unwrap") == 0) {
        CK_BYTE *wrapped = bytes_of(call->word[5], &length);
        call->code = p11->C_UnwrapKey(
            session, mechanism, number(call, 4), wrapped, length, template, template_of(call, 6, template), &key);
    } else {
        call->code = p11->C_WrapKey(session, mechanism, number(call, 4), number(call, 5), output, &length);
        if (call->code == CKR_OK) add_bytes(call, output, length);
        return;
    }
    if (call->code == CKR_OK) add_number(call, key);
}

/* Makes a child that finds nothing of its parent's and starts for itself; the child's codes follow on the line. */
static void fork_and_use(struct call *call)
{
    int ends[2];
    if (pipe(ends) != 0) return;
    pid_t child = fork();
    if (child == 0) {
        CK_ULONG codes_seen[4] = {0}, count = 0;
        CK_SESSION_INFO info;
        CK_SESSION_HANDLE session;
        codes_seen[0] = p11->C_GetSessionInfo(number(call, 2), &info);
        codes_seen[1] = p11->C_Initialize(NULL);
        codes_seen[2] = p11->C_GetSlotList(CK_TRUE, NULL, &count);
        codes_seen[3] = p11->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &session);
        if (write(ends[1], codes_seen, sizeof codes_seen) < 0) _exit(1);
        p11->C_Finalize(NULL);
        _exit(0);
    }
    close(ends[1]);
    CK_ULONG codes_seen[4] = {0};
    if (read(ends[0], codes_seen, sizeof codes_seen) != sizeof codes_seen) call->code = CKR_GENERAL_ERROR;
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    for (int i = 0; i < 4; i++) add_number(call, codes_seen[i]);
    add_number(call, status);
}

/* "storm SLOT KEY PUBLIC MECHANISM THREADS ROUNDS": threads with sessions of their own that sign and verify. The results
   are the signatures that were right and the calls that failed. */
struct storm {
    CK_ULONG slot, key, public, mechanism, rounds, right, failed;
};

static void *storm_thread(void *argument)
{
    struct storm *storm = argument;
    CK_MECHANISM mechanism = {storm->mechanism, NULL, 0};
    CK_SESSION_HANDLE session;
    if (p11->C_OpenSession(storm->slot, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK) {
        storm->failed++;
        return NULL;
    }
    for (CK_ULONG round = 0; round < storm->rounds; round++) {
        CK_BYTE data[32], signature[512];
        CK_ULONG length = sizeof signature;
        memset(data, (int)(round + (CK_ULONG)storm / sizeof *storm), sizeof data);
        if (p11->C_SignInit(session, &mechanism, storm->key) != CKR_OK
            || p11->C_Sign(session, data, sizeof data, signature, &length) != CKR_OK)
            storm->failed++;
        else if (p11->C_VerifyInit(session, &mechanism, storm->public) == CKR_OK
                 && p11->C_Verify(session, data, sizeof data, signature, length) == CKR_OK)
            storm->right++;
    }
    p11->C_CloseSession(session);
    return NULL;
}

static void storm(struct call *call)
{
    enum { most_threads = 64 };
    pthread_t threads[most_threads];
    struct storm storms[most_threads], sum = {0};
    CK_ULONG count = number(call, 6) < most_threads ? number(call, 6) : most_threads;
    for (CK_ULONG i = 0; i < count; i++) {
        storms[i] = (struct storm){
            number(call, 2), number(call, 3), number(call, 4), number(call, 5), number(call, 7), 0, 0};
        pthread_create(&threads[i], NULL, storm_thread, &storms[i]);
    }
    for (CK_ULONG i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        sum.right += storms[i].right;
        sum.failed += storms[i].failed;
    }
    add_number(call, sum.right);
    add_number(call, sum.failed);
}

static void make_call(struct call *call)
{
    const char *verb = call->word[1];
    CK_MECHANISM mechanism = {0, NULL, 0};
    if (call->words > 3 && strncmp(call->word[3], "CKM_", 4) == 0) mechanism = mechanism_of(call->word[3]);
    CK_ULONG a = number(call, 2), b = number(call, 3), length = 0;
    if (!mechanism.mechanism) mechanism.mechanism = b;
    CK_ATTRIBUTE template[most_words];
    call->code = CKR_OK;
    if (strcmp(verb, "initialize") == 0) {
        /* "initialize [FLAGS]" */
        CK_C_INITIALIZE_ARGS arguments = {.flags = number(call, 2) ? number(call, 2) : CKF_OS_LOCKING_OK};
        call->code = p11->C_Initialize(call->words > 2 ? &arguments : NULL);
    } else if (strcmp(verb, "finalize") == 0) {
        call->code = p11->C_Finalize(call->words > 2 ? call : NULL);
    } else if (strcmp(verb, "slots") == 0) {
        CK_SLOT_ID slots[64];
        CK_ULONG count = 64;
        call->code = p11->C_GetSlotList(call->words > 2, slots, &count);
        for (CK_ULONG i = 0; call->code == CKR_OK && i < count; i++) add_number(call, slots[i]);
    } else if (strcmp(verb, "wait") == 0) {
        /* "wait" asks for an event, "wait block" waits for one. */
        CK_SLOT_ID slot;
        call->code = p11->C_WaitForSlotEvent(call->words > 2 ? 0 : CKF_DONT_BLOCK, &slot, NULL);
        if (call->code == CKR_OK) add_number(call, slot);
    } else if (strcmp(verb, "token") == 0) {
        CK_TOKEN_INFO info;
        call->code = p11->C_GetTokenInfo(a, &info);
        if (call->code == CKR_OK) add_number(call, info.flags);
        if (call->code == CKR_OK) add_number(call, info.ulSessionCount);
        if (call->code == CKR_OK) add_number(call, info.ulRwSessionCount);
    } else if (strcmp(verb, "name") == 0) {
        CK_TOKEN_INFO info;
        call->code = p11->C_GetTokenInfo(a, &info);
        if (call->code == CKR_OK) add_bytes(call, info.serialNumber, sizeof info.serialNumber);
        if (call->code == CKR_OK) add_bytes(call, info.label, sizeof info.label);
    } else if (strcmp(verb, "open") == 0) {
        CK_SESSION_HANDLE session = 0;
        int writes = strcmp(call->word[3], "rw") == 0, serial = strcmp(call->word[3], "parallel") != 0;
        CK_FLAGS flags = (serial ? CKF_SERIAL_SESSION : 0) | (writes ? CKF_RW_SESSION : 0);
        call->code = p11->C_OpenSession(a, flags, NULL, NULL, call->words > 4 ? NULL : &session);
        if (call->code == CKR_OK) add_number(call, session);
    } else if (strcmp(verb, "close") == 0) {
        call->code = p11->C_CloseSession(a);
    } else if (strcmp(verb, "close-all") == 0) {
        call->code = p11->C_CloseAllSessions(a);
    } else if (strcmp(verb, "state") == 0) {
        CK_SESSION_INFO info;
        call->code = p11->C_GetSessionInfo(a, &info);
        if (call->code == CKR_OK) add_number(call, info.state);
    } else if (strcmp(verb, "login") == 0) {
        CK_BYTE *pin = bytes_of(call->word[4], &length);
        call->code = p11->C_Login(a, b, pin, length);
    } else if (strcmp(verb, "logout") == 0) {
        call->code = p11->C_Logout(a);
    } else if (strcmp(verb, "find") == 0) {
        search(call);
    } else if (strcmp(verb, "find-init") == 0) {
        call->code = p11->C_FindObjectsInit(a, template, template_of(call, 3, template));
    } else if (strcmp(verb, "find-final") == 0) {
        call->code = p11->C_FindObjectsFinal(a);
    } else if (strcmp(verb, "get") == 0) {
        get(call);
    } else if (strcmp(verb, "heavy") == 0) {
        search_heavily(call);
    } else if (strcmp(verb, "threads") == 0) {
        count_threads(call);
    } else if (strcmp(verb, "interface") == 0) {
        show_interface(call);
    } else if (strcmp(verb, "point") == 0) {
        get_point(call);
    } else if (strcmp(verb, "create") == 0) {
        CK_OBJECT_HANDLE object = 0;
        call->code = p11->C_CreateObject(a, template, template_of(call, 3, template), &object);
        if (call->code == CKR_OK) add_number(call, object);
    } else if (strcmp(verb, "set") == 0) {
        call->code = p11->C_SetAttributeValue(a, b, template, template_of(call, 4, template));
    } else if (strcmp(verb, "destroy") == 0) {
        call->code = p11->C_DestroyObject(a, b);
    } else if (strcmp(verb, "sign-init") == 0) {
        call->code = p11->C_SignInit(a, strcmp(call->word[3], "null") == 0 ? NULL : &mechanism, number(call, 4));
    } else if (strcmp(verb, "sign") == 0) {
        sign(call, p11->C_Sign);
    } else if (strcmp(verb, "decrypt-init") == 0) {
        call->code = p11->C_DecryptInit(a, &mechanism, number(call, 4));
    } else if (strcmp(verb, "decrypt") == 0) {
        sign(call, p11->C_Decrypt);
    } else if (strcmp(verb, "decrypt-update") == 0) {
        sign(call, p11->C_DecryptUpdate);
    } else if (strcmp(verb, "decrypt-final") == 0) {
        finish_parts(call, p11->C_DecryptFinal);
    } else if (strcmp(verb, "encrypt-init") == 0) {
        call->code = p11->C_EncryptInit(a, &mechanism, number(call, 4));
    } else if (strcmp(verb, "encrypt") == 0) {
        sign(call, p11->C_Encrypt);
    } else if (strcmp(verb, "encrypt-update") == 0) {
        sign(call, p11->C_EncryptUpdate);
    } else if (strcmp(verb, "encrypt-final") == 0) {
        finish_parts(call, p11->C_EncryptFinal);
    } else if (strcmp(verb, "digest-encrypt") == 0) {
        sign(call, p11->C_DigestEncryptUpdate);
    } else if (strcmp(verb, "digest-final") == 0) {
        finish_parts(call, p11->C_DigestFinal);
    } else if (strcmp(verb, "generate") == 0 || strcmp(verb, "derive") == 0 || strcmp(verb, "wrap") == 0
               || strcmp(verb, "unwrap") == 0) {
        keys(call, &mechanism);
    } else if (strcmp(verb, "message") == 0) {
        message(call);
    } else if (strcmp(verb, "seed") == 0) {
        CK_BYTE *seed = bytes_of(call->word[3], &length);
        call->code = p11->C_SeedRandom(a, seed, length);
    } else if (strcmp(verb, "digest-init") == 0) {
        call->code = p11->C_DigestInit(a, &mechanism);
    } else if (strcmp(verb, "digest") == 0) {
        sign(call, p11->C_Digest);
    } else if (strcmp(verb, "digest-update") == 0) {
        CK_BYTE *data = bytes_of(call->word[3], &length);
        call->code = p11->C_DigestUpdate(a, data, length);
    } else if (strcmp(verb, "verify-init") == 0) {
        call->code = p11->C_VerifyInit(a, &mechanism, number(call, 4));
    } else if (strcmp(verb, "verify") == 0) {
        CK_ULONG signature_length;
        CK_BYTE *data = bytes_of(call->word[3], &length), *signature = bytes_of(call->word[4], &signature_length);
        call->code = p11->C_Verify(a, data, length, signature, signature_length);
    } else if (strcmp(verb, "storm") == 0) {
        storm(call);
    } else if (strcmp(verb, "memory") == 0) {
        count_in_memory(call);
    } else if (strcmp(verb, "fork") == 0) {
        fork_and_use(call);
    } else {
        add(call, "unknown-verb");
    }
}

/* The threads by their names. Each waits for a call of its own, and is busy until it has returned. */
struct worker {
    char name[32];
    pthread_t thread;
    int busy;
    struct call call;
};

static struct worker workers[most_words];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void *work(void *argument)
{
    struct worker *self = argument;
    pthread_mutex_lock(&mutex);
    for (;;) {
        while (!self->busy) pthread_cond_wait(&changed, &mutex);
        pthread_mutex_unlock(&mutex);
        make_call(&self->call);
        pthread_mutex_lock(&mutex);
        self->busy = 0;
        pthread_cond_broadcast(&changed);
    }
    return NULL;
}

static struct worker *worker_named(const char *name)
{
    struct worker *worker = workers;
    while (worker->name[0] && strcmp(worker->name, name) != 0) worker++;
    if (!worker->name[0]) {
        snprintf(worker->name, sizeof worker->name, "%s", name);
        pthread_create(&worker->thread, NULL, work, worker);
    }
    return worker;
}

static void start(struct worker *worker, const char *line)
{
    struct call *call = &worker->call;
    memset(call, 0, sizeof *call);
    snprintf(call->line, sizeof call->line, "%s", line);
    for (char *word = strtok(call->line, " \n"); word && call->words < most_words; word = strtok(NULL, " \n"))
        call->word[call->words++] = word;
    pthread_mutex_lock(&mutex);
    worker->busy = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static void finish(struct worker *worker)
{
    pthread_mutex_lock(&mutex);
    while (worker->busy) pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
    const char *name = "CKR_unnamed";
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].value == worker->call.code) name = codes[i].text;
    printf("%s%s\n", name, worker->call.result);
}

int main(int count, char **arguments)
{
    static char line[8 * most_bytes];
    void *module = count > 1 ? dlopen(arguments[1], RTLD_NOW) : NULL;
    CK_C_GetFunctionList list = module ? (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList") : NULL;
    if (!list || list(&p11) != CKR_OK) {
        fprintf(stderr, "no module: %s\n", dlerror());
        return 1;
    }
    get_interface = (CK_C_GetInterface)dlsym(module, "C_GetInterface");
    exported_get = (CK_C_GetAttributeValue)dlsym(module, "C_GetAttributeValue");
    CK_VERSION version = {3, 0};
    CK_INTERFACE_PTR found;
    /* Another module than ours, such as p11-kit's proxy, may have no functions of version 3. */
    if (get_interface && get_interface((CK_UTF8CHAR_PTR) "PKCS 11", &version, &found, 0) == CKR_OK)
        p11_3 = found->pFunctionList;
    while (fgets(line, sizeof line, stdin)) {
        char name[32], verb[32];
        if (sscanf(line, "%31s %31s", name, verb) != 2) continue;
        char *mark = strchr(name, '&');
        if (mark) *mark = 0;
        struct worker *worker = worker_named(name);
        if (strcmp(verb, "poll") == 0) {
            pthread_mutex_lock(&mutex);
            puts(worker->busy ? "busy" : "idle");
            pthread_mutex_unlock(&mutex);
        } else if (strcmp(verb, "join") == 0) {
            finish(worker);
        } else {
            start(worker, line);
            if (mark)
                puts("started");
            else
                finish(worker);
        }
        fflush(stdout);
    }
    return 0;
}
