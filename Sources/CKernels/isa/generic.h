// 4 lanes without intrinsics: what any processor can do that Swift runs on.

#define SET_NAME "plain C"
#define SET plain
#define LANES 4
#define TILE_ROWS 4  // 4 × 2 accumulators, 2 vectors of B, 1 of A and 1 product: 12 registers
#define TILE_VECTORS 2
#define STREAM_ROWS 1  // 1 × 8 accumulators for a panel's whole width
#define HAS_FMA 0
#include "lanes.h"
#include "four.h"

static inline lanes scaled_by_power(lanes x, lanes n) { return scaled_in_two_steps(x, n); }

static inline lanes square_root(lanes x) {
  for (int i = 0; i < LANES; i++) x[i] = __builtin_sqrtf(x[i]);
  return x;
}

// The exponent moves from a bias of 15 to one of 127; denormals are counted in steps of 2⁻²⁴.
static inline lanes widened_float16(const uint16_t *bits) {
  lanes x;
  for (int i = 0; i < LANES; i++) {
    uint32_t sign = (uint32_t)(bits[i] & 0x8000) << 16, magnitude = bits[i] & 0x7FFF, wide;
    float denormal = (float)magnitude * 0x1p-24f;
    if (magnitude < 0x0400) {
      memcpy(&wide, &denormal, sizeof wide);
    } else {
      wide = (magnitude << 13) + ((magnitude < 0x7C00 ? 112u : 224u) << 23);
    }
    wide |= sign;
    // A NaN becomes a quiet one, as in hardware.
    if (magnitude > 0x7C00) wide |= 0x00400000;
    float value;
    memcpy(&value, &wide, sizeof value);
    x[i] = value;
  }
  return x;
}

static inline void narrow_to_float16(lanes x, uint16_t *bits) {
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
      // Below the normal numbers steps are 2⁻²⁴ wide, as those of floats are from 1/2 on.
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
