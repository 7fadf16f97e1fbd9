// NEON: 4 lanes, 32 registers. Every arm64 processor.

#include <arm_neon.h>

#define ISA_NEON
#define LANES 4
#define HAS_FMA 1
#include "isa.h"
#include "vec128.h"

static inline vec scale_by_power(vec x, vec n) { return scale_by_power_twice(x, n); }

static inline vec load_float16(const void *bits) {
  return (vec)vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(bits)));
}

static inline void store_float16(uint16_t *bits, vec x) {
  vst1_u16(bits, vreinterpret_u16_f16(vcvt_f16_f32((float32x4_t)x)));
}
