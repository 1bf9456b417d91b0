#include "build.h"

#ifndef MARTLET_BUILD
#define MARTLET_BUILD "unknown"
#endif

/* Nothing in the module reads it, so the linker is told to leave it in. */
__attribute__((used, retain)) static const char mark[] = "martlet-build:" MARTLET_BUILD;

const char *martlet_build_mark(void) { return mark; }
