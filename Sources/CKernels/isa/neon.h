// 4 lanes and 32 registers: every arm64 processor.

#include <arm_neon.h>

#define SET_NAME "NEON"
#define SET neon
#define LANES 4
#define TILE_ROWS 6  // 6 × 4 accumulators, 4 vectors of B and 1 of A: 29 registers
#define TILE_VECTORS 4
#define STREAM_ROWS 2  // 2 × 8 accumulators for a panel's whole width
#define HAS_FMA 1
#include "lanes.h"
#include "four.h"

static inline lanes scaled_by_power(lanes x, lanes n) { return scaled_in_two_steps(x, n); }

static inline lanes square_root(lanes x) { return (lanes)vsqrtq_f32((float32x4_t)x); }

static inline lanes widened_float16(const uint16_t *bits) {
  return (lanes)vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(bits)));
}

static inline void narrow_to_float16(lanes x, uint16_t *bits) {
  vst1_u16(bits, vreinterpret_u16_f16(vcvt_f16_f32((float32x4_t)x)));
}
