// What the generated code and plug.c need of stdlib.h; libc.c defines it.
#pragma once
#include <stddef.h>

void *malloc(size_t len);
void *calloc(size_t count, size_t len);
void *realloc(void *old, size_t len);
void free(void *old);
_Noreturn void abort(void);
