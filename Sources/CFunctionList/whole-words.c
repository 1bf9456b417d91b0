/* Blocks of whole words for the module's Swift runtime. A Swift string takes the size that the allocator tells for a
   multiple of a word, and lays a pointer behind its text, rounded up to one. An allocator that tells another size, as
   Chromium's does, has the rest for itself, and a long string would overwrite it. So whole words are asked for, and no more
   than whole words are told of.

   The linker's --wrap leads the runtime here; debug builds, with the dynamic runtime, do without. */
#ifdef MARTLET_WHOLE_WORDS
#include <stddef.h>
#include <stdint.h>

#define HIDDEN __attribute__((visibility("hidden")))

static const size_t word = sizeof(void *);

extern void *__real_malloc(size_t size);
extern void *__real_aligned_alloc(size_t alignment, size_t size);
extern size_t __real_malloc_usable_size(void *block);

/* What is too much to be rounded is too much for any allocator. */
static size_t in_words(size_t size) { return size > SIZE_MAX - word ? size : (size + word - 1) & ~(word - 1); }

HIDDEN void *__wrap_malloc(size_t size) { return __real_malloc(in_words(size)); }

HIDDEN void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return __real_aligned_alloc(alignment, in_words(size));
}

HIDDEN size_t __wrap_malloc_usable_size(void *block) { return __real_malloc_usable_size(block) & ~(word - 1); }
#endif
