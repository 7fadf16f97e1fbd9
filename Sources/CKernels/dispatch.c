// Which sets this processor can run, the fastest first.

#include <stddef.h>

#include "include/CVectorKernels.h"

extern const vector_kernels vector_kernels_plain;

#if defined(__x86_64__)
extern const vector_kernels vector_kernels_avx512, vector_kernels_avx2;
extern const vector_dots vector_dots_avx512;

// These builtins also ask whether the operating system keeps the registers.
static bool has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
    && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static bool has_dots(void) {
  return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni")
    && __builtin_cpu_supports("avx512vbmi");
}

static bool has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
    && __builtin_cpu_supports("f16c");
}
#elif defined(__aarch64__)
extern const vector_kernels vector_kernels_neon;
#endif

const vector_kernels *vector_kernels_at(long index) {
#if defined(__x86_64__)
  if (has_avx512() && index-- == 0) return &vector_kernels_avx512;
  if (has_avx2() && index-- == 0) return &vector_kernels_avx2;
#elif defined(__aarch64__)
  if (index-- == 0) return &vector_kernels_neon;
#endif
  return index == 0 ? &vector_kernels_plain : NULL;
}

const vector_kernels *vector_kernels_best(void) { return vector_kernels_at(0); }

bool vector_dots_are_faster(vector_element element) {
#if defined(__x86_64__)
  // As measured, those of bfloat16 take twice as long as the products of floats that they stand for on an
  // Intel core (Emerald Rapids), and half as long on one of AMD's (Zen 5).
  if (element == VECTOR_BFLOAT16) return !__builtin_cpu_is("intel");
#endif
  return element == VECTOR_BFLOAT16 || element == VECTOR_INT8;
}

const vector_dots *vector_dots_of(const vector_kernels *set) {
#if defined(__x86_64__)
  if (set == &vector_kernels_avx512 && has_dots()) return &vector_dots_avx512;
#endif
  return NULL;
}
