/* Functions of the C library and of the kernel that Swift's Glibc module leaves out: because they need _GNU_SOURCE, take
   a variable number of arguments, or are younger than the headers. */
#pragma once

#include <sys/random.h>
#include <unistd.h>

char *secure_getenv(const char *name);

long syscall(long number, ...);

/* memfd_secret(2), Linux 5.14: by its number, which is the same on all architectures. */
static inline int martlet_memfd_secret(unsigned int flags) { return (int)syscall(447, flags); }

/* Zeros the registers in which memcpy and its like leave the last bytes that they moved: a core dump has them too. */
static inline void martlet_clear_vector_registers(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx")) {
        __asm__ volatile("vzeroall" ::: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                         "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    } else {
        __asm__ volatile(
            "pxor %%xmm0, %%xmm0\n pxor %%xmm1, %%xmm1\n pxor %%xmm2, %%xmm2\n pxor %%xmm3, %%xmm3\n"
            "pxor %%xmm4, %%xmm4\n pxor %%xmm5, %%xmm5\n pxor %%xmm6, %%xmm6\n pxor %%xmm7, %%xmm7\n"
            "pxor %%xmm8, %%xmm8\n pxor %%xmm9, %%xmm9\n pxor %%xmm10, %%xmm10\n pxor %%xmm11, %%xmm11\n"
            "pxor %%xmm12, %%xmm12\n pxor %%xmm13, %%xmm13\n pxor %%xmm14, %%xmm14\n pxor %%xmm15, %%xmm15\n"
            ::: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
                "xmm12", "xmm13", "xmm14", "xmm15");
    }
#endif
}
