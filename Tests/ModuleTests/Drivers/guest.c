/* guest HOW MODULE PIN [COPY]: uses a module as a host does that has other things to do.
     quiet   tells every thread that the use has left, every handler, hook and variable that it has made, and prints
             "used" last
     copies  uses two copies of the module at once, and goes on with one when the other has ended
     unload  unloads the module in the midst: with sessions and operations, and under a thread that waits
     leave   returns from main while threads sign and one waits
   Ends with 0 if every call did what it should. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include "module.h"

#define OK(p11, call) expect_ok((p11)->call, #call)

/* --- What the module must not call. These take the place of libc's own. --- */

static int watches, loads;

static void note(const char *function)
{
    if (watches)
        printf("calls %s\n", function);
}

#define OWN(function) __typeof__(&function) own = (__typeof__(&function))dlsym(RTLD_NEXT, #function); note(#function)

int __cxa_atexit(void (*hook)(void *), void *argument, void *library)
{
    int (*own)(void (*)(void *), void *, void *) = dlsym(RTLD_NEXT, "__cxa_atexit");
    Dl_info place = {0};
    /* libstdc++, which is linked into the module, destroys its own objects, which it made when the loader loaded it. */
    if (!loads || !dladdr((void *)hook, &place) || !strstr(place.dli_fname, "pkcs11"))
        note("__cxa_atexit");
    return own(hook, argument, library);
}

int on_exit(void (*hook)(int, void *), void *argument)
{
    int (*own)(void (*)(int, void *), void *) = dlsym(RTLD_NEXT, "on_exit");
    note("on_exit");
    return own(hook, argument);
}

int sigaction(int number, const struct sigaction *new, struct sigaction *old)
{
    OWN(sigaction);
    return own(number, new, old);
}

int setenv(const char *name, const char *value, int replaces)
{
    OWN(setenv);
    return own(name, value, replaces);
}

int unsetenv(const char *name)
{
    OWN(unsetenv);
    return own(name);
}

int putenv(char *entry)
{
    OWN(putenv);
    return own(entry);
}

/* What the kernel says of the process, as far as a library could change it. */
static void look(char *lines, size_t size)
{
    static const char *const kept[] = {"Threads:", "SigBlk:", "SigIgn:", "SigCgt:", "Umask:", "NoNewPrivs:"};
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    lines[0] = 0;
    while (status && fgets(line, sizeof line, status))
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
            if (strncmp(line, kept[i], strlen(kept[i])) == 0) {
                /* The signals 32 and 33 are glibc's own, from the first thread of a process on. */
                if (strncmp(kept[i], "Sig", 3) == 0)
                    snprintf(line, sizeof line, "%s %llx\n", kept[i],
                             strtoull(strchr(line, '\t'), NULL, 16) & ~0x180000000ULL);
                strncat(lines, line, size - strlen(lines) - 1);
            }
    if (status)
        fclose(status);
    if (getcwd(line, sizeof line))
        strncat(lines, line, size - strlen(lines) - 1);
}

/* --- Using a module. --- */

struct use {
    CK_FUNCTION_LIST *p11;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key, public;
};

static CK_MECHANISM rsa = {CKM_SHA256_RSA_PKCS, NULL, 0};

/* Begins to use it, and logs in. */
static struct use begin(CK_FUNCTION_LIST *p11, const char *pin)
{
    struct use use = {p11, 0, 0, 0};
    OK(p11, C_Initialize(NULL));
    OK(p11, C_OpenSession(first_slot(p11), CKF_SERIAL_SESSION, NULL, NULL, &use.session));
    OK(p11, C_Login(use.session, CKU_USER, (CK_UTF8CHAR_PTR)pin, strlen(pin)));
    use.key = object_of(p11, use.session, CKO_PRIVATE_KEY, 1);
    use.public = object_of(p11, use.session, CKO_PUBLIC_KEY, 1);
    return use;
}

static void begin_signing(struct use *use)
{
    OK(use->p11, C_SignInit(use->session, &rsa, use->key));
}

static void end_signing(struct use *use)
{
    CK_BYTE data[] = "data", signature[512];
    CK_ULONG length = sizeof signature;
    OK(use->p11, C_Sign(use->session, data, sizeof data, signature, &length));
    OK(use->p11, C_VerifyInit(use->session, &rsa, use->public));
    OK(use->p11, C_Verify(use->session, data, sizeof data, signature, length));
}

static int quiet(const char *path, const char *pin)
{
    extern char **environ;
    char before[1024], after[1024];
    char **variables = environ, *first = environ[0];
    look(before, sizeof before);
    watches = 1;
    loads = 1;
    CK_FUNCTION_LIST *p11 = load(path, NULL);
    loads = 0;
    struct use use = begin(p11, pin);
    begin_signing(&use);
    end_signing(&use);
    OK(use.p11, C_Finalize(NULL));
    watches = 0;
    look(after, sizeof after);
    if (strcmp(before, after) != 0)
        printf("before:\n%s\nafter:\n%s\n", before, after);
    if (environ != variables || environ[0] != first)
        printf("another environment\n");
    printf("used\n");
    return 0;
}

static int copies(const char *path, const char *copy, const char *pin)
{
    CK_FUNCTION_LIST *first = load(path, NULL), *second = load(copy, NULL);
    if (first == second || first->C_Sign == second->C_Sign)
        return 4;
    struct use one = begin(first, pin), two = begin(second, pin);
    for (int round = 0; round < 5; round++) {
        begin_signing(&one);
        begin_signing(&two);
        end_signing(&one);
        end_signing(&two);
    }
    OK(first, C_Finalize(NULL));
    begin_signing(&two);
    end_signing(&two);
    CK_SESSION_INFO info;
    if (first->C_GetSessionInfo(one.session, &info) != CKR_CRYPTOKI_NOT_INITIALIZED)
        return 5;
    OK(second, C_Finalize(NULL));
    return 0;
}

static void *wait_for_event(void *argument)
{
    CK_FUNCTION_LIST *p11 = argument;
    CK_SLOT_ID slot;
    return p11->C_WaitForSlotEvent(0, &slot, NULL) == CKR_CRYPTOKI_NOT_INITIALIZED ? p11 : NULL;
}

static int unload(const char *path, const char *pin)
{
    void *module, *result;
    for (int round = 0; round < 20; round++) {
        struct use use = begin(load(path, &module), pin);
        begin_signing(&use);
        if (dlclose(module) != 0)
            return 4;
        /* It stays, and what was begun with it. */
        end_signing(&use);
        if (load(path, &module) != use.p11)
            return 5;
        begin_signing(&use);
        OK(use.p11, C_Finalize(NULL));
        dlclose(module);
    }
    struct use use = begin(load(path, &module), pin);
    pthread_t waiting;
    pthread_create(&waiting, NULL, wait_for_event, use.p11);
    usleep(50000);
    dlclose(module);
    OK(use.p11, C_Finalize(NULL));
    pthread_join(waiting, &result);
    if (!result)
        return 6;
    /* The process ends with an open session of a module that it has unloaded. */
    begin(load(path, &module), pin);
    dlclose(module);
    return 0;
}

static void *sign_without_end(void *argument)
{
    struct use use = *(struct use *)argument;
    OK(use.p11, C_OpenSession(first_slot(use.p11), CKF_SERIAL_SESSION, NULL, NULL, &use.session));
    for (;;) {
        begin_signing(&use);
        end_signing(&use);
    }
    return NULL;
}

static int leave(const char *path, const char *pin)
{
    static struct use use;
    pthread_t thread;
    use = begin(load(path, NULL), pin);
    for (int i = 0; i < 8; i++)
        pthread_create(&thread, NULL, sign_without_end, &use);
    pthread_create(&thread, NULL, wait_for_event, use.p11);
    usleep(200000);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    if (strcmp(argv[1], "quiet") == 0)
        return quiet(argv[2], argv[3]);
    if (strcmp(argv[1], "copies") == 0 && argc == 5)
        return copies(argv[2], argv[4], argv[3]);
    if (strcmp(argv[1], "unload") == 0)
        return unload(argv[2], argv[3]);
    if (strcmp(argv[1], "leave") == 0)
        return leave(argv[2], argv[3]);
    return 2;
}
