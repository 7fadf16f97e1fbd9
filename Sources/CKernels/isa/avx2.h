// AVX2 with fused multiply-add: 8 lanes, 16 registers. x86-64 since 2013.

#include <immintrin.h>

#define ISA_AVX2
#define LANES 8
#define HAS_FMA 1
#include "isa.h"

static inline __m256i first_n(long n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static inline vec load_n(const float *p, long n, float fill) {
  __m256i mask = first_n(n);
  return (vec)_mm256_blendv_ps(
      _mm256_set1_ps(fill), _mm256_maskload_ps(p, mask), _mm256_castsi256_ps(mask));
}

static inline void store_n(float *p, vec x, long n) {
  _mm256_maskstore_ps(p, first_n(n), (__m256)x);
}

static inline vec scale_by_power(vec x, vec n) { return scale_by_power_twice(x, n); }

static inline vec load_float16(const void *bits) {
  return (vec)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)bits));
}

static inline void store_float16(uint16_t *bits, vec x) {
  _mm_storeu_si128((__m128i *)bits, _mm256_cvtps_ph((__m256)x, _MM_FROUND_TO_NEAREST_INT));
}

static inline vec interleave_low(vec a, vec b) {
  return (vec)_mm256_unpacklo_ps((__m256)a, (__m256)b);
}
static inline vec interleave_high(vec a, vec b) {
  return (vec)_mm256_unpackhi_ps((__m256)a, (__m256)b);
}
static inline vec join_low(vec a, vec b) {
  return (vec)_mm256_unpacklo_pd((__m256d)a, (__m256d)b);
}
static inline vec join_high(vec a, vec b) {
  return (vec)_mm256_unpackhi_pd((__m256d)a, (__m256d)b);
}

static inline float reduce_sum(vec x) {
  __m128 four = _mm_add_ps(_mm256_castps256_ps128((__m256)x), _mm256_extractf128_ps((__m256)x, 1));
  __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

static inline float reduce_max(vec x) {
  __m128 four = _mm_max_ps(_mm256_castps256_ps128((__m256)x), _mm256_extractf128_ps((__m256)x, 1));
  __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}
