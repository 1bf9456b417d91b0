/* soak MODULE SECONDS THREADS PIN: threads that sign, on all cards in turn, whatever happens to these, and verify each
   signature. A call that fails is counted, and the thread begins anew. At the end C_Finalize, and one line:

     right N failed N wrong N bad CODE bytes BEFORE AFTER descriptors BEFORE AFTER

   "bad" is a code that no card in trouble can be the reason of, or 0. BEFORE is what the process held when it had used the
   module once and ended that, AFTER the same at the end. */
#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>
#include "module.h"

static CK_FUNCTION_LIST *p11;
static const char *pin;
static atomic_ulong right, failed, wrong, bad;
static time_t end;

struct held {
    size_t bytes;
    int descriptors;
};

static int descriptors(void)
{
    int count = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (directory && readdir(directory))
        count++;
    closedir(directory);
    return count;
}

/* A connection to pcscd that a fault has kept waiting is closed by its own thread a moment after C_Finalize. */
static struct held look(void)
{
    struct held held = {mallinfo2().uordblks, descriptors()};
    for (int i = 0; i < 20; i++) {
        usleep(50000);
        int count = descriptors();
        if (count < held.descriptors)
            held.descriptors = count;
    }
    return held;
}

/* Whether a card that is pulled out, held or slow can be the reason of this code. */
static int is_trouble(CK_RV code)
{
    static const CK_RV troubles[] = {
        CKR_DEVICE_ERROR, CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT, CKR_TOKEN_NOT_RECOGNIZED, CKR_SESSION_HANDLE_INVALID,
        CKR_KEY_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID, CKR_USER_NOT_LOGGED_IN, CKR_OPERATION_NOT_INITIALIZED};
    for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++)
        if (troubles[i] == code)
            return 1;
    return 0;
}

/* Whether the call succeeded. */
static int check(CK_RV code)
{
    if (code == CKR_OK)
        return 1;
    failed++;
    if (!is_trouble(code))
        bad = code;
    return 0;
}

static int find(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *object)
{
    CK_BYTE id = 1;
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_ID, &id, 1}};
    CK_ULONG found = 0;
    if (!check(p11->C_FindObjectsInit(session, template, 2)))
        return 0;
    CK_RV code = p11->C_FindObjects(session, object, 1, &found);
    return check(p11->C_FindObjectsFinal(session)) && check(code) && found == 1;
}

/* Signs until something fails, or the time is over, or so many times. */
static void sign(CK_SLOT_ID slot, CK_BYTE seed, int times)
{
    CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key, public;
    if (!check(p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session)))
        return;
    CK_RV login = p11->C_Login(session, CKU_USER, (CK_UTF8CHAR_PTR)pin, strlen(pin));
    if ((login == CKR_USER_ALREADY_LOGGED_IN || check(login)) && find(session, CKO_PRIVATE_KEY, &key)
        && find(session, CKO_PUBLIC_KEY, &public)) {
        for (int round = 0; round < times && time(NULL) < end; round++) {
            CK_BYTE data[32], signature[256];
            CK_ULONG length = sizeof signature;
            memset(data, seed + round, sizeof data);
            if (!check(p11->C_SignInit(session, &mechanism, key))
                || !check(p11->C_Sign(session, data, sizeof data, signature, &length))
                || !check(p11->C_VerifyInit(session, &mechanism, public)))
                break;
            CK_RV code = p11->C_Verify(session, data, sizeof data, signature, length);
            if (code == CKR_SIGNATURE_INVALID || code == CKR_SIGNATURE_LEN_RANGE)
                wrong++;
            if (!check(code))
                break;
            right++;
        }
    }
    p11->C_CloseSession(session);
}

/* Signs with one of the cards that are there, so many times. */
static void take_turn(CK_BYTE turn, int times)
{
    CK_SLOT_ID slots[16];
    CK_ULONG count = 16;
    if (check(p11->C_GetSlotList(CK_TRUE, slots, &count)) && count > 0)
        sign(slots[turn % count], turn, times);
    usleep(10000);
}

static void *work(void *argument)
{
    for (CK_BYTE turn = (CK_BYTE)(size_t)argument; time(NULL) < end; turn++)
        take_turn(turn, 20);
    return NULL;
}

int main(int argc, char **argv)
{
    enum { most_threads = 64 };
    pthread_t threads[most_threads];
    size_t count = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;
    if (count == 0 || count > most_threads)
        return 2;
    /* All memory in the one place that mallinfo tells of. */
    mallopt(M_ARENA_MAX, 1);
    p11 = load(argv[1], NULL);
    pin = argv[4];
    end = time(NULL) + atoi(argv[2]);
    struct held before = {0}, after;
    for (int round = 0; round < 2; round++) {
        expect_ok(p11->C_Initialize(NULL), "C_Initialize");
        /* A fault may already have come: only what has worked once has allocated all that it keeps. */
        while (round == 0 && right == 0 && time(NULL) < end)
            take_turn(0, 1);
        for (size_t i = 0; round == 1 && i < count; i++)
            pthread_create(&threads[i], NULL, work, (void *)i);
        for (size_t i = 0; round == 1 && i < count; i++)
            pthread_join(threads[i], NULL);
        expect_ok(p11->C_Finalize(NULL), "C_Finalize");
        if (round == 0)
            before = look();
    }
    after = look();
    printf("right %lu failed %lu wrong %lu bad %lX bytes %zu %zu descriptors %d %d\n", right, failed, wrong, bad,
           before.bytes, after.bytes, before.descriptors, after.descriptors);
    return 0;
}
