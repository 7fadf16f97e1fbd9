// 4 lanes without intrinsics: what any processor can do that Swift runs on.

#define SET_NAME "plain C"
#define SET plain
#define LANES 4
#define TILE_ROWS 4  // 4 × 2 accumulators, 2 vectors of B, 1 of A and 1 product: 12 registers
#define TILE_VECTORS 2
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
