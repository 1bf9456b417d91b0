#ifndef MARTLET_BUILD_H
#define MARTLET_BUILD_H

/* What this file was built from: the mark that `martlet doctor` compares in the module and in itself. */
const char *martlet_build_mark(void);

#endif
