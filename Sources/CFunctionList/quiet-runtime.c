/* Keeps two parts of the static Swift runtime out of the module, because they act when it is loaded: the crash
   backtracer looks for programs on the disk, obeys SWIFT_BACKTRACE and may install signal handlers; CommandLine reads
   /proc/self/maps. A module loaded into somebody else's program has no business with either. And hides the environment
   from the runtime.

   A static library's member is linked only for a symbol that nothing else defines. Here are the symbols by which
   other members ask for these two. Were one missing in a later Swift, the linker would name it as defined twice. They
   are hidden, so that a debug build, which has the dynamic runtime, does not notice them. */
#include <stdbool.h>
#include <stddef.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* The runtime's settings of the backtracer, longer than they are: all zero says that it is off. */
HIDDEN const unsigned char _swift_backtraceSettings[256] = {0};

HIDDEN bool _swift_backtrace_isThunkFunction(const char *mangled_name)
{
    (void)mangled_name;
    return false;
}

/* What Swift's CommandLine would ask for the program's arguments, which the module never does. */
HIDDEN char **_swift_stdlib_getUnsafeArgvArgc(int *count)
{
    *count = 0;
    return NULL;
}

/* What the runtime takes for the environment. It would obey some thirty variables SWIFT_DEBUG_..., also in a setuid
   program, whose user must not steer it, and would write to standard error on one that it does not know. */
static char *const nothing[] = {NULL};
HIDDEN char *const *environ = nothing;
