// 8 lanes and 16 registers: AVX2 with fused multiply-add, on x86-64 since 2013.

#include <immintrin.h>

#define SET_NAME "AVX2"
#define SET avx2
#define LANES 8
#define TILE_ROWS 6  // 6 × 2 accumulators, 2 vectors of B and 1 of A: 15 registers
#define TILE_VECTORS 2
#define STREAM_ROWS 2  // 2 × 4 accumulators for a panel's whole width
#define HAS_FMA 1
#include "lanes.h"

static inline __m256i first(long n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static inline lanes load_some(const float *p, long n, float fill) {
  __m256i mask = first(n);
  return (lanes)_mm256_blendv_ps(
      _mm256_set1_ps(fill), _mm256_maskload_ps(p, mask), _mm256_castsi256_ps(mask));
}

static inline void store_some(float *p, lanes x, long n) {
  _mm256_maskstore_ps(p, first(n), (__m256)x);
}

static inline lanes scaled_by_power(lanes x, lanes n) { return scaled_in_two_steps(x, n); }

static inline lanes square_root(lanes x) { return (lanes)_mm256_sqrt_ps((__m256)x); }

static inline lanes widened_float16(const uint16_t *bits) {
  return (lanes)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)bits));
}

static inline void narrow_to_float16(lanes x, uint16_t *bits) {
  _mm_storeu_si128((__m128i *)bits, _mm256_cvtps_ph((__m256)x, _MM_FROUND_TO_NEAREST_INT));
}

// Within each four lanes: (a₀ b₀ a₁ b₁), (a₂ b₂ a₃ b₃), (a₀ a₁ b₀ b₁), (a₂ a₃ b₂ b₃).
static inline lanes interleave_low(lanes a, lanes b) {
  return (lanes)_mm256_unpacklo_ps((__m256)a, (__m256)b);
}
static inline lanes interleave_high(lanes a, lanes b) {
  return (lanes)_mm256_unpackhi_ps((__m256)a, (__m256)b);
}
static inline lanes pair_low(lanes a, lanes b) {
  return (lanes)_mm256_unpacklo_pd((__m256d)a, (__m256d)b);
}
static inline lanes pair_high(lanes a, lanes b) {
  return (lanes)_mm256_unpackhi_pd((__m256d)a, (__m256d)b);
}

static inline float sum_of(lanes x) {
  __m128 four = _mm_add_ps(_mm256_castps256_ps128((__m256)x), _mm256_extractf128_ps((__m256)x, 1));
  __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

// No lane is NaN.
static inline float largest_of(lanes x) {
  __m128 four = _mm_max_ps(_mm256_castps256_ps128((__m256)x), _mm256_extractf128_ps((__m256)x, 1));
  __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}
