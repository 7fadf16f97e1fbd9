// 4 lanes without intrinsics, for every other processor.

#define ISA_GENERIC
#define LANES 4
#define HAS_FMA 0
#include "isa.h"
#include "vec128.h"

static inline vec scale_by_power(vec x, vec n) { return scale_by_power_twice(x, n); }

// Changes the exponent's bias from 15 to 127. Denormals are multiples of 2⁻²⁴.
static inline vec load_float16(const void *weights) {
  const uint16_t *bits = weights;
  vec x;
  for (int i = 0; i < LANES; i++) {
    uint32_t sign = (uint32_t)(bits[i] & 0x8000) << 16, magnitude = bits[i] & 0x7FFF, wide;
    float denormal = (float)magnitude * 0x1p-24f;
    if (magnitude < 0x0400) {
      memcpy(&wide, &denormal, sizeof wide);
    } else {
      wide = (magnitude << 13) + ((magnitude < 0x7C00 ? 112u : 224u) << 23);
    }
    wide |= sign;
    // A NaN becomes a quiet NaN, as in hardware.
    if (magnitude > 0x7C00) wide |= 0x00400000;
    float value;
    memcpy(&value, &wide, sizeof value);
    x[i] = value;
  }
  return x;
}

static inline void store_float16(uint16_t *bits, vec x) {
  for (int i = 0; i < LANES; i++) {
    float value = x[i], size = __builtin_fabsf(value);
    uint32_t wide, magnitude;
    memcpy(&wide, &value, sizeof wide);
    magnitude = wide & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) {
      magnitude = 0x7E00 | (magnitude >> 13 & 0x3FF);
    } else if (magnitude >= 0x47800000) {
      magnitude = 0x7C00;
    } else if (magnitude < 0x38800000) {
      // Denormals are multiples of 2⁻²⁴, as floats from 1/2 to 1 are: adding 1/2 rounds.
      float moved = size + 0.5f;
      memcpy(&magnitude, &moved, sizeof magnitude);
      magnitude -= 0x3F000000;
    } else {
      magnitude -= 112u << 23;
      magnitude = (magnitude + 0xFFF + (magnitude >> 13 & 1)) >> 13;
    }
    bits[i] = (uint16_t)(wide >> 16 & 0x8000) | (uint16_t)magnitude;
  }
}
