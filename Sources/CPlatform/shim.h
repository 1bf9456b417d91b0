/* Functions of the C library that Swift's Glibc module leaves out, because they need _GNU_SOURCE. */
#pragma once

char *secure_getenv(const char *name);
