/* Functions of the C library and of the kernel that Swift's Glibc module leaves out: because they need _GNU_SOURCE, take
   a variable number of arguments, or are younger than the headers. */
#pragma once

#include <sys/random.h>
#include <unistd.h>

char *secure_getenv(const char *name);

long syscall(long number, ...);

/* memfd_secret(2), Linux 5.14: by its number, which is the same on all architectures. */
static inline int martlet_memfd_secret(unsigned int flags) { return (int)syscall(447, flags); }
