// The tables of kernels that this processor can run, the fastest first.

#include <stddef.h>

#include "include/CKernels.h"

typedef struct {
  bool (*is_listed)(void);
  const vector_kernels *kernels;
} candidate;

static bool always(void) { return true; }

extern const vector_kernels vector_kernels_generic;

#if defined(__x86_64__)
extern const vector_kernels vector_kernels_avx512, vector_kernels_avx512_vnni,
  vector_kernels_avx512_vnni_bf16, vector_kernels_avx2;

// __builtin_cpu_supports also checks that the operating system saves the registers.
static bool has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
    && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static bool has_dot_products(void) {
  return has_avx512() && __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni")
    && __builtin_cpu_supports("avx512vbmi");
}

// See "bfloat16 dot products" in tuning.h.
static bool has_slow_bfloat16_dot(void) { return has_dot_products() && __builtin_cpu_is("intel"); }
static bool has_fast_bfloat16_dot(void) { return has_dot_products() && !__builtin_cpu_is("intel"); }
static bool has_no_dot_products(void) { return has_avx512() && !has_dot_products(); }

static bool has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
    && __builtin_cpu_supports("f16c");
}
#elif defined(__aarch64__)
extern const vector_kernels vector_kernels_neon;
#endif

static const candidate candidates[] = {
#if defined(__x86_64__)
  {has_fast_bfloat16_dot, &vector_kernels_avx512_vnni_bf16},
  {has_slow_bfloat16_dot, &vector_kernels_avx512_vnni},
  {has_slow_bfloat16_dot, &vector_kernels_avx512_vnni_bf16},  // slower, but tests cover it
  {has_no_dot_products, &vector_kernels_avx512},
  {has_avx2, &vector_kernels_avx2},
#elif defined(__aarch64__)
  {always, &vector_kernels_neon},
#endif
  {always, &vector_kernels_generic},
};

const vector_kernels *vector_kernels_at(long index) {
  for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
    if (candidates[i].is_listed() && index-- == 0) return candidates[i].kernels;
  }
  return NULL;
}
