// The few functions of a C library that a plugin needs. Every call of a plugin has a fresh instance,
// so memory is handed out and never taken back.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern uint8_t __heap_base; // set by the linker
static uintptr_t next_free;

// The length stands in front of each block, because realloc must know how much to copy.
void *malloc(size_t len) {
  if (next_free == 0) next_free = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
  uintptr_t block = next_free + 16;
  if (len > UINTPTR_MAX - block - 15) abort();
  next_free = (block + len + 15) & ~(uintptr_t)15;
  size_t pages = (next_free + 65535) / 65536, have = __builtin_wasm_memory_size(0);
  if (pages > have && __builtin_wasm_memory_grow(0, pages - have) == SIZE_MAX) abort();
  ((size_t *)block)[-1] = len;
  return (void *)block;
}

// Memory of a fresh instance is zero, and no block is handed out twice.
void *calloc(size_t count, size_t len) { return malloc(count * len); }

void *realloc(void *old, size_t len) {
  size_t had = old == NULL ? 0 : ((size_t *)old)[-1];
  void *block = malloc(len);
  memcpy(block, old, had < len ? had : len);
  return block;
}

void free(void *old) { (void)old; }

_Noreturn void abort(void) { __builtin_trap(); }

void *memcpy(void *restrict to, const void *restrict from, size_t len) {
  return __builtin_memcpy(to, from, len); // one instruction with -mbulk-memory
}

void *memset(void *to, int byte, size_t len) { return __builtin_memset(to, byte, len); }

__attribute__((no_builtin)) int memcmp(const void *left, const void *right, size_t len) {
  const uint8_t *a = left, *b = right;
  for (size_t at = 0; at < len; at++)
    if (a[at] != b[at]) return a[at] < b[at] ? -1 : 1;
  return 0;
}

__attribute__((no_builtin)) size_t strlen(const char *text) {
  size_t len = 0;
  while (text[len] != 0) len++;
  return len;
}
