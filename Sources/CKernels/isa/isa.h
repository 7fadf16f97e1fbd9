// What every set shares: a vector of LANES scalars, with the operators that C gives to vectors.

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../include/CVectorKernels.h"

typedef float lanes __attribute__((ext_vector_type(LANES)));
typedef int32_t ints __attribute__((ext_vector_type(LANES)));

// a · b + c is one rounding where the processor has such an instruction.
#pragma STDC FP_CONTRACT ON

static inline lanes all(float x) { return (lanes)x; }

static inline lanes load(const float *p) {
  lanes x;
  memcpy(&x, p, sizeof x);
  return x;
}

static inline void store(float *p, lanes x) { memcpy(p, &x, sizeof x); }

static inline ints bits_of(lanes x) {
  ints bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline lanes lanes_of(ints bits) {
  lanes x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline lanes widened_bfloat16(const uint16_t *bits) {
  typedef uint16_t halves __attribute__((ext_vector_type(LANES)));
  halves upper;
  memcpy(&upper, bits, sizeof upper);
  return lanes_of(__builtin_convertvector(upper, ints) << 16);
}

static inline lanes widened_int8(const int8_t *whole) {
  typedef int8_t bytes __attribute__((ext_vector_type(LANES)));
  bytes narrow;
  memcpy(&narrow, whole, sizeof narrow);
  return __builtin_convertvector(__builtin_convertvector(narrow, ints), lanes);
}

// x, or the bound where x is beyond it; NaN stays.
static inline lanes at_least(lanes x, float bound) { return x < all(bound) ? all(bound) : x; }
static inline lanes at_most(lanes x, float bound) { return x > all(bound) ? all(bound) : x; }

// The larger of two; b where either is NaN.
static inline lanes larger(lanes a, lanes b) { return a > b ? a : b; }

static inline lanes magnitude(lanes x) { return lanes_of(bits_of(x) & 0x7FFFFFFF); }

// x · 2ⁿ in two factors, since n may reach −151 (denormal results) or 130, beyond one exponent field.
static inline lanes scaled_in_two_steps(lanes x, lanes n) {
  ints whole = __builtin_convertvector(n, ints), half = whole >> 1;
  lanes first_factor = lanes_of((half + 127) << 23);
  lanes second_factor = lanes_of((whole - half + 127) << 23);
  return x * first_factor * second_factor;
}
