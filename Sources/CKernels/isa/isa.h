// Vectors of LANES floats, and the operations on them that need no intrinsics. The header of each
// instruction set includes this file.
//
// To add an instruction set, write isa/NAME.h, which defines:
//
//   ISA_NAME                       and a block of constants for it in tuning.h
//   LANES                          floats in a vector: a power of two, 4 to 32, known at compile
//                                  time (SVE and RVV need a fixed length)
//   HAS_FMA                        1 if a · b + c in floats is rounded once, else 0
//   HAS_LOOKUP                     1 with lookup(table, index), table[index mod 16] for each lane, and a
//                                  scale_by_power that takes any n and uses ⌊n⌋; else undefined
//   #include "isa.h"
//   vec load_n(p, n, fill)         n floats, 0 ≤ n < LANES, and `fill` in the other lanes
//   void store_n(p, x, n)          the first n lanes
//   vec scale_by_power(x, n)       x · 2ⁿ for integers n from −151 to 130, for example by
//                                  scale_by_power_twice
//   vec load_float16(p)            LANES float16 as floats
//   void store_float16(p, x)       to nearest, ties to even
//   float reduce_sum(x)            the sum of the lanes
//   float reduce_max(x)            the maximum of the lanes, if no lane is NaN
//   vec interleave_low(a, b)       in each block of four lanes: (a₀ b₀ a₁ b₁)
//   vec interleave_high(a, b)      (a₂ b₂ a₃ b₃)
//   vec join_low(a, b)             (a₀ a₁ b₀ b₁)
//   vec join_high(a, b)            (a₂ a₃ b₂ b₃)
//
// then NAME.c next to dispatch.c, which includes isa/NAME.h and kernels/table.h and defines a
// table, and a line in dispatch.c. With 4 lanes, vec128.h defines all of these except
// scale_by_power and the float16 conversions.
//
// Dot product instructions (kernels/dot_products.h) are written for vectors of 16 lanes;
// avx512_dot.h provides them.

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../include/CKernels.h"
#include "../tuning.h"

// For functions that are specialized for constant arguments. Debug builds inline them too.
#define INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((ext_vector_type(LANES)));
typedef int32_t ivec __attribute__((ext_vector_type(LANES)));

// Where the processor has a fused multiply-add, a · b + c is rounded once.
#pragma STDC FP_CONTRACT ON

static inline vec splat(float x) { return (vec)x; }

static inline vec load(const float *p) {
  vec x;
  memcpy(&x, p, sizeof x);
  return x;
}

static inline void store(float *p, vec x) { memcpy(p, &x, sizeof x); }

static inline ivec as_ints(vec x) {
  ivec bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline vec as_floats(ivec bits) {
  vec x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// load_FORMAT: LANES weights of a format, converted to floats, without their scale. store_FORMAT is
// the inverse.

static inline vec load_float32(const void *weights) { return load(weights); }

static inline vec load_bfloat16(const void *bits) {
  typedef uint16_t halves __attribute__((ext_vector_type(LANES)));
  halves upper;
  memcpy(&upper, bits, sizeof upper);
  return as_floats(__builtin_convertvector(upper, ivec) << 16);
}

// To nearest, ties to even.
static inline void store_bfloat16(uint16_t *bits, vec x) {
  typedef uint16_t halves __attribute__((ext_vector_type(LANES)));
  ivec wide = as_ints(x);
  ivec rounded = wide + 0x7FFF + (wide >> 16 & 1);
  // A NaN becomes a quiet NaN: without its lower bits it could become an infinity.
  ivec upper = (x == x ? rounded : wide | 0x00400000) >> 16;
  halves narrow = __builtin_convertvector(upper, halves);
  memcpy(bits, &narrow, sizeof narrow);
}

static inline vec load_int8(const void *integers) {
  typedef int8_t bytes __attribute__((ext_vector_type(LANES)));
  bytes narrow;
  memcpy(&narrow, integers, sizeof narrow);
  return __builtin_convertvector(__builtin_convertvector(narrow, ivec), vec);
}

// To nearest, ties to even, for |x| ≤ 127.
static inline void store_int8(int8_t *integers, vec x) {
  // Adding 1.5 · 2²³ rounds x to an integer and moves the integer to the lower bits.
  typedef int8_t bytes __attribute__((ext_vector_type(LANES)));
  bytes narrow = __builtin_convertvector(as_ints(x + 0x1.8p23f), bytes);
  memcpy(integers, &narrow, sizeof narrow);
}

// x limited to at least, or at most, `bound`. NaN stays NaN.
static inline vec clamp_min(vec x, float bound) { return x < splat(bound) ? splat(bound) : x; }
static inline vec clamp_max(vec x, float bound) { return x > splat(bound) ? splat(bound) : x; }

// b if either is NaN.
static inline vec max(vec a, vec b) { return a > b ? a : b; }

static inline vec absolute(vec x) { return as_floats(as_ints(x) & 0x7FFFFFFF); }

// x · 2ⁿ as x · 2^⌊n ∕ 2⌋ · 2^⌈n ∕ 2⌉: n from −151 (denormal results) to 130 is beyond the
// exponents of one float.
static inline vec scale_by_power_twice(vec x, vec n) {
  ivec integer = __builtin_convertvector(n, ivec), half = integer >> 1;
  vec first_factor = as_floats((half + 127) << 23);
  vec second_factor = as_floats((integer - half + 127) << 23);
  return x * first_factor * second_factor;
}
