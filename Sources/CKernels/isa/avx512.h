// AVX-512 F, BW, DQ and VL: 16 lanes, 32 registers. Intel servers since 2017, AMD since 2022.

#include <immintrin.h>

#define ISA_AVX512
#define LANES 16
#define HAS_FMA 1
#include "isa.h"

static inline __mmask16 first_n(long n) { return (__mmask16)((1u << n) - 1); }

static inline vec load_n(const float *p, long n, float fill) {
  return (vec)_mm512_mask_loadu_ps(_mm512_set1_ps(fill), first_n(n), p);
}

static inline void store_n(float *p, vec x, long n) {
  _mm512_mask_storeu_ps(p, first_n(n), (__m512)x);
}

#define HAS_LOOKUP 1

// table[index mod 16] for each lane.
static inline vec lookup(const float *table, ivec index) {
  return (vec)_mm512_permutexvar_ps((__m512i)index, _mm512_loadu_ps(table));
}

// x · 2^⌊n⌋. Rounds denormal results once.
static inline vec scale_by_power(vec x, vec n) {
  return (vec)_mm512_scalef_ps((__m512)x, (__m512)n);
}

static inline vec load_float16(const void *bits) {
  return (vec)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)bits));
}

static inline void store_float16(uint16_t *bits, vec x) {
  _mm256_storeu_si256(
    (__m256i *)bits, _mm512_cvtps_ph((__m512)x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}

static inline vec interleave_low(vec a, vec b) {
  return (vec)_mm512_unpacklo_ps((__m512)a, (__m512)b);
}
static inline vec interleave_high(vec a, vec b) {
  return (vec)_mm512_unpackhi_ps((__m512)a, (__m512)b);
}
static inline vec join_low(vec a, vec b) {
  return (vec)_mm512_unpacklo_pd((__m512d)a, (__m512d)b);
}
static inline vec join_high(vec a, vec b) {
  return (vec)_mm512_unpackhi_pd((__m512d)a, (__m512d)b);
}

static inline float reduce_sum(vec x) { return _mm512_reduce_add_ps((__m512)x); }

static inline float reduce_max(vec x) { return _mm512_reduce_max_ps((__m512)x); }
