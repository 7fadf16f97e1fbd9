// 16 lanes and 32 registers: AVX-512 as every server of Intel since 2017 and of AMD since 2022 has it.

#include <immintrin.h>

#define SET_NAME "AVX-512"
#define SET avx512
#define LANES 16
#define TILE_ROWS 14  // 14 × 2 accumulators, 2 vectors of B and 1 of A: 31 registers
#define TILE_VECTORS 2
#define STREAM_ROWS 4  // 2 × 4 × 2 accumulators: every other row of a panel apart
#define HAS_FMA 1
#include "lanes.h"

static inline __mmask16 first(long n) { return (__mmask16)((1u << n) - 1); }

static inline lanes load_some(const float *p, long n, float fill) {
  return (lanes)_mm512_mask_loadu_ps(_mm512_set1_ps(fill), first(n), p);
}

static inline void store_some(float *p, lanes x, long n) {
  _mm512_mask_storeu_ps(p, first(n), (__m512)x);
}

// x · 2ⁿ for whole numbers n, denormal results rounded once.
static inline lanes scaled_by_power(lanes x, lanes n) {
  return (lanes)_mm512_scalef_ps((__m512)x, (__m512)n);
}

static inline lanes square_root(lanes x) { return (lanes)_mm512_sqrt_ps((__m512)x); }

static inline lanes widened_float16(const uint16_t *bits) {
  return (lanes)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)bits));
}

static inline void narrow_to_float16(lanes x, uint16_t *bits) {
  _mm256_storeu_si256(
    (__m256i *)bits, _mm512_cvtps_ph((__m512)x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}

// Within each four lanes: (a₀ b₀ a₁ b₁), (a₂ b₂ a₃ b₃), (a₀ a₁ b₀ b₁), (a₂ a₃ b₂ b₃).
static inline lanes interleave_low(lanes a, lanes b) {
  return (lanes)_mm512_unpacklo_ps((__m512)a, (__m512)b);
}
static inline lanes interleave_high(lanes a, lanes b) {
  return (lanes)_mm512_unpackhi_ps((__m512)a, (__m512)b);
}
static inline lanes pair_low(lanes a, lanes b) {
  return (lanes)_mm512_unpacklo_pd((__m512d)a, (__m512d)b);
}
static inline lanes pair_high(lanes a, lanes b) {
  return (lanes)_mm512_unpackhi_pd((__m512d)a, (__m512d)b);
}

static inline float sum_of(lanes x) { return _mm512_reduce_add_ps((__m512)x); }

// No lane is NaN.
static inline float largest_of(lanes x) { return _mm512_reduce_max_ps((__m512)x); }
