// Weights of each format: addresses, loads, and conversion both ways. Everything that depends on a
// format is expanded from the table VECTOR_WEIGHT_FORMATS, so that kernels are specialized for the
// format.

enum { WIDTH = VECTOR_PANEL_WIDTH };

#define BITS(NAME, CONSTANT, BITS, ...) [CONSTANT] = BITS,
#define SCALED(NAME, CONSTANT, BITS, BLOCK, SCALED) [CONSTANT] = SCALED,
static const long format_bits[] = {VECTOR_WEIGHT_FORMATS(BITS)};
static const bool format_is_scaled[] = {VECTOR_WEIGHT_FORMATS(SCALED)};
#undef BITS
#undef SCALED

// The bytes of n weights.
INLINE long byte_count(
    const vector_weight_format format, long n) {
  return n * format_bits[format] / 8;
}

// The address of a panel's weight n.
INLINE const void *weight_at(
    const vector_weight_format format, const void *panel, long n) {
  return (const char *)panel + byte_count(format, n);
}

// LANES weights as floats, without their scale. `format` is a compile-time constant.
INLINE vec load_weights(
    const vector_weight_format format, const void *weights) {
  switch (format) {
#define CASE(NAME, CONSTANT, ...) case CONSTANT: return load_##NAME(weights);
    VECTOR_WEIGHT_FORMATS(CASE)
#undef CASE
  }
}

// Prefetches the cache lines that are PREFETCH_L1 and PREFETCH_L2 bytes after the next `bytes`
// bytes.
INLINE void prefetch_beyond(const char *next, long bytes) {
#pragma unroll
  for (long byte = 0; byte < bytes; byte += 64) {
    __builtin_prefetch(next + PREFETCH_L2 + byte, 0, 2);
    __builtin_prefetch(next + PREFETCH_L1 + byte);
  }
}

// Panel rows `first` to `first + rows − 1` as floats [rows, 32], with their scales applied.
INLINE void convert_rows(
    const vector_weight_format format, const void *panel, long first, long rows, const float *scales,
    long group, float *x) {
  const char *weights = weight_at(format, panel, first * WIDTH);
  if (!format_is_scaled[format]) {
    for (long i = 0; i < rows * WIDTH; i += LANES) {
      store(x + i, load_weights(format, weight_at(format, weights, i)));
    }
    return;
  }
  for (long row = 0; row < rows; row++) {
    const float *scale = scales + (first + row) / group * WIDTH;
    for (long c = 0; c < WIDTH; c += LANES) {
      store(x + row * WIDTH + c,
        load_weights(format, weight_at(format, weights, row * WIDTH + c)) * load(scale + c));
    }
  }
}

#define TO_FLOAT(NAME, CONSTANT, ...)                                                             \
  static void to_float_##NAME(                                                                    \
      const void *weights, long rows, long group, const float *scales, float *x) {                \
    convert_rows(CONSTANT, weights, 0, rows, scales, group, x);                                   \
  }
VECTOR_WEIGHT_FORMATS(TO_FLOAT)
#undef TO_FLOAT

// from_float_NAME: `vector_format.from_float`.

static bool from_float_float32(
    const float *x, long rows, long group, float *scales, void *weights) {
  memcpy(weights, x, (size_t)(rows * WIDTH) * sizeof *x);
  return true;
}

static bool from_float_bfloat16(
    const float *x, long rows, long group, float *scales, void *weights) {
  return float_to_bfloat16(x, weights, rows * WIDTH);
}

static bool from_float_float16(
    const float *x, long rows, long group, float *scales, void *weights) {
  return float_to_float16(x, weights, rows * WIDTH);
}

// Rows of one group.
static void quantize_int8(const float *x, long rows, float *scales, int8_t *integers) {
  for (long c = 0; c < WIDTH; c += LANES) {
    vec largest = splat(0);
    for (long row = 0; row < rows; row++) {
      largest = max(absolute(load(x + row * WIDTH + c)), largest);
    }
    // A denormal scale could make a quotient larger than 127; 0 would make it NaN.
    vec scale = clamp_min(largest / 127, 0x1p-126f);
    store(scales + c, scale);
    for (long row = 0; row < rows; row++) {
      store_int8(integers + row * WIDTH + c, load(x + row * WIDTH + c) / scale);
    }
  }
}

static bool from_float_int8(const float *x, long rows, long group, float *scales, void *weights) {
  if (!is_finite(x, rows * WIDTH)) return false;
  long first = 0;
  do {
    const long count = rows - first < group ? rows - first : group;
    quantize_int8(x + first * WIDTH, count, scales, (int8_t *)weights + first * WIDTH);
    first += group;
    scales += WIDTH;
  } while (first < rows);
  return true;
}
