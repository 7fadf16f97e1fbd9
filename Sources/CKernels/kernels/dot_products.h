// Products of inputs that are rounded to the precision of the weights, bfloat16 or int8 (W8A8),
// with dot product instructions. For 16 lanes; avx512_dot.h provides the instructions.
//
// A k-tuple is a 32-bit unit of values at consecutive k: 2 bfloat16 or 4 int8. Quantized inputs
// are, for m rows of k:
//
//   tuples  [m, ⌈k / 2⌉ or ⌈k / 4⌉]    the last tuple is padded with zeros
//   scales  [m, ⌈k / 64⌉] float32     int8 only
//   starts  [m, ⌈k / 64⌉] int32       int8 only: the initial value of the group's sum,
//                                    −128 · Σ integers, because the instruction takes unsigned
//                                    weights, to which 128 is added

#define K_PER_TUPLE(format) (32 / format_bits[format])

INLINE long tuple_count(
    const vector_weight_format format, long k) {
  return (k + K_PER_TUPLE(format) - 1) / K_PER_TUPLE(format);
}

static inline long input_groups(long k) { return (k + VECTOR_INPUT_GROUP - 1) / VECTOR_INPUT_GROUP; }

// Inputs.

static long quantized_count_bfloat16(long m, long k) { return m * tuple_count(VECTOR_BFLOAT16, k); }

static long quantized_count_int8(long m, long k) {
  return m * (tuple_count(VECTOR_INT8, k) + 2 * input_groups(k));
}

static void quantize_inputs_bfloat16(
    const float *a, long a_stride, long m, long k, void *quantized) {
  uint16_t *bits = quantized;
  for (long row = 0; row < m; row++, a += a_stride, bits += 2 * tuple_count(VECTOR_BFLOAT16, k)) {
    float_to_bfloat16(a, bits, k);
    if (k % 2) bits[k] = 0;
  }
}

// One group of n ≤ VECTOR_INPUT_GROUP inputs: xᵢ ≈ scale · integerᵢ. An infinity or NaN makes the
// scale NaN.
static void quantize_input_group(
    const float *x, long n, float *scale, int32_t *start, int8_t *integers) {
  float padded[VECTOR_INPUT_GROUP] = {0};
  memcpy(padded, x, (size_t)n * sizeof *x);
  vec largest = splat(0), zeros = splat(0);
  for (long i = 0; i < VECTOR_INPUT_GROUP; i += LANES) {
    largest = max(absolute(load(padded + i)), largest);
    zeros = load(padded + i) * splat(0) + zeros;  // NaN if an x is not finite
  }
  const float unit = reduce_max(largest) / 127;
  *scale = (unit < 0x1p-126f ? 0x1p-126f : unit) + reduce_sum(zeros);
  int8_t group[VECTOR_INPUT_GROUP];
  int32_t sum = 0;
  for (long i = 0; i < VECTOR_INPUT_GROUP; i += LANES) store_int8(group + i, load(padded + i) / *scale);
  for (long i = 0; i < VECTOR_INPUT_GROUP; i++) sum += group[i];
  *start = -128 * sum;
  memcpy(integers, group, (size_t)(n + 3) / 4 * 4);
}

static void quantize_inputs_int8(const float *a, long a_stride, long m, long k, void *quantized) {
  const long tuples_per_row = tuple_count(VECTOR_INT8, k), groups = input_groups(k);
  int32_t *tuple = quantized;
  float *scales = (float *)quantized + m * tuples_per_row;
  int32_t *starts = tuple + m * (tuples_per_row + groups);
  for (long row = 0; row < m; row++, a += a_stride, tuple += tuples_per_row) {
    for (long first = 0; first < k; first += VECTOR_INPUT_GROUP) {
      quantize_input_group(
        a + first, k - first < VECTOR_INPUT_GROUP ? k - first : VECTOR_INPUT_GROUP, scales++, starts++,
        (int8_t *)tuple + first);
    }
  }
}

// Weights.

INLINE tuple_pair tuple_order(
    const vector_weight_format format) {
  return format == VECTOR_BFLOAT16 ? pair_order() : quad_order();
}

// The panel's next 128 bytes, its next K_PER_TUPLE rows, as k-tuples; rows from `end` on are 0.
// int8 weights become unsigned: 128 is added.
INLINE tuple_pair interleaved_rows(
    const vector_weight_format format, const char *panel, const char *end, tuple_pair order) {
  tuples x, y;
  if (end - panel >= 128) {
    x = load_tuples(panel);
    y = load_tuples(panel + 64);
  } else {
    char rest[128] = {0};
    memcpy(rest, panel, (size_t)(end - panel));
    x = load_tuples(rest);
    y = load_tuples(rest + 64);
  }
  if (format == VECTOR_BFLOAT16) return interleave_pairs(x, y, order);
  return interleave_quads(offset_by_128(x), offset_by_128(y), order);
}

// Tiles.

// Up to BFLOAT16_DOT_ROWS or INT8_DOT_ROWS rows of inputs against a K-block of a panel.
typedef struct {
  long first, count;        // the K-block, in tuples
  const char *panel, *end;  // the panel's rows, or this K-block as tuples
  tuple_pair order;
  prefetch ahead;
  const int32_t *a;  // tuples of the inputs
  long a_stride;
  // int8 only.
  const float *a_scales;    // rows are `groups` apart, also in a_starts
  const int32_t *a_starts;
  long groups;
  const float *scales;      // of the panel
  long group;
} dot_block;

// Returns the next k-tuples of the panel and prefetches. `is_interleaved`: whether the panel's rows
// are already tuples.
INLINE tuple_pair next_tuples(
    const vector_weight_format format, const bool is_interleaved, dot_block *block) {
  tuple_pair next;
  if (is_interleaved) {
    next = (tuple_pair){load_tuples(block->panel), load_tuples(block->panel + 64)};
    __builtin_prefetch(block->ahead.next, 0, 2);
    block->ahead.next += block->ahead.step;
  } else {
    next = interleaved_rows(format, block->panel, block->end, block->order);
    prefetch_beyond(block->panel, 128);
  }
  block->panel += 128;
  return next;
}

INLINE void dot_tile_bfloat16(
    const int rows, const bool is_interleaved, dot_block block, destination to) {
  vec sums[BFLOAT16_DOT_ROWS][2];
#pragma unroll
  for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = splat(0);
  for (long i = 0; i < block.count; i++) {
    const tuple_pair weights = next_tuples(VECTOR_BFLOAT16, is_interleaved, &block);
#pragma unroll
    for (int r = 0; r < rows; r++) {
      const tuples factor = splat_tuple(block.a[r * block.a_stride]);
      sums[r][0] = dot_bfloat16(sums[r][0], factor, weights.low);
      sums[r][1] = dot_bfloat16(sums[r][1], factor, weights.high);
    }
    block.a++;
  }
  write_tile(rows, 2, &sums[0][0], to);
}

INLINE void dot_tile_int8(
    const int rows, const bool is_interleaved, dot_block block, destination to) {
  enum { GROUP_TUPLES = VECTOR_INPUT_GROUP / 4 };
  vec totals[INT8_DOT_ROWS][2];
#pragma unroll
  for (int r = 0; r < rows; r++) totals[r][0] = totals[r][1] = splat(0);
  for (long first = 0; first < block.count; first += GROUP_TUPLES) {
    tuples sums[INT8_DOT_ROWS][2];
#pragma unroll
    for (int r = 0; r < rows; r++) {
      sums[r][0] = sums[r][1] = splat_tuple(block.a_starts[r * block.groups]);
    }
    const long left = block.count - first, count = left < GROUP_TUPLES ? left : GROUP_TUPLES;
    for (long i = 0; i < count; i++) {
      const tuple_pair weights = next_tuples(VECTOR_INT8, is_interleaved, &block);
#pragma unroll
      for (int r = 0; r < rows; r++) {
        const tuples factor = splat_tuple(block.a[r * block.a_stride]);
        sums[r][0] = dot_int8(sums[r][0], weights.low, factor);
        sums[r][1] = dot_int8(sums[r][1], weights.high, factor);
      }
      block.a++;
    }
    const float *scale = block.scales + (block.first + first) * 4 / block.group * WIDTH;
#pragma unroll
    for (int r = 0; r < rows; r++) {
      const vec factor = splat(block.a_scales[r * block.groups]);
#pragma unroll
      for (int v = 0; v < 2; v++) {
        totals[r][v] =
          tuples_to_float(sums[r][v]) * (factor * load(scale + v * LANES)) + totals[r][v];
      }
    }
    block.a_scales++;
    block.a_starts++;
  }
  write_tile(rows, 2, &totals[0][0], to);
}

INLINE void dot_tile(
    const vector_weight_format format, const bool is_interleaved, long rows, dot_block block,
    destination to) {
#define INT8_CASE(R) case R: dot_tile_int8(R, is_interleaved, block, to); break;
#define BFLOAT16_CASE(R) case R: dot_tile_bfloat16(R, is_interleaved, block, to); break;
  if (format == VECTOR_INT8) {
    switch (rows) { UP_TO(INT8_DOT_ROWS, INT8_CASE) }
  } else {
    switch (rows) { UP_TO(BFLOAT16_DOT_ROWS, BFLOAT16_CASE) }
  }
#undef INT8_CASE
#undef BFLOAT16_CASE
}

// Panels.

// A single M-tile interleaves the panel's rows in registers. For more tiles, or for reproducible
// products, each K-block is interleaved once, in the L1 cache.
INLINE void dot_panel(
    const vector_weight_format format, const vector_panel_product *p, const char *panel,
    const float *scales, destination to) {
  const long count = tuple_count(format, p->k), groups = input_groups(p->k);
  const long most_rows = format == VECTOR_INT8 ? INT8_DOT_ROWS : BFLOAT16_DOT_ROWS;
  const long tiles = (p->m + most_rows - 1) / most_rows;
  dot_block whole = {
    .count = count, .panel = panel, .end = panel + byte_count(format, p->k * WIDTH),
    .order = tuple_order(format), .a = p->quantized, .a_stride = count,
    .a_scales = (const float *)p->quantized + p->m * count,
    .a_starts = (const int32_t *)p->quantized + p->m * (count + groups), .groups = groups,
    .scales = scales, .group = p->group};
  if (tiles <= 1 && !p->reproducible) {
    dot_tile(format, false, p->m, whole, to);
    return;
  }
  const long block_tuples = K_BLOCK / K_PER_TUPLE(format);
  _Alignas(64) char interleaved[K_BLOCK * WIDTH * sizeof(uint16_t)];
  const float zeros[WIDTH] = {0};
  for (long first = 0; first < count || first == 0; first += block_tuples) {
    const long left = count - first;
    const char *source = panel + first * 128;
    dot_block block = whole;
    block.first = first;
    block.count = left < block_tuples ? left : block_tuples;
    block.panel = interleaved;
    for (long i = 0; i < block.count; i++) {
      const tuple_pair next = interleaved_rows(format, source + i * 128, whole.end, whole.order);
      __builtin_prefetch(source + i * 128 + PREFETCH_L1);
      __builtin_prefetch(source + i * 128 + PREFETCH_L1 + 64);
      store_tuples(interleaved + i * 128, next.low);
      store_tuples(interleaved + i * 128 + 64, next.high);
    }
    // Each tile prefetches its share of the next K-block.
    block.ahead = (prefetch){source + block_tuples * 128, 128 / tiles};
    block.a += first;
    block.a_scales += first * 4 / VECTOR_INPUT_GROUP;
    block.a_starts += first * 4 / VECTOR_INPUT_GROUP;
    destination corner = to;
    for (long i = 0; i < tiles; i++) {
      const long rows = p->m / tiles + (i < p->m % tiles);
      dot_tile(format, true, rows, block, corner);
      corner.c += rows * to.stride;
      block.a += rows * count;
      block.a_scales += rows * groups;
      block.a_starts += rows * groups;
      block.ahead.next += block.count * block.ahead.step;
    }
    to.adds = true;
    to.bias = zeros;
  }
}

#define MULTIPLY_QUANTIZED(NAME, CONSTANT)                                                         \
  static void dot_panel_##NAME(                                                                    \
      const vector_panel_product *p, const char *panel, const float *scales, destination to) {     \
    dot_panel(CONSTANT, p, panel, scales, to);                                                     \
  }                                                                                                \
  static void multiply_quantized_##NAME(const vector_panel_product *p) {                           \
    for_each_panel(CONSTANT, p, dot_panel_##NAME);                                                 \
  }
MULTIPLY_QUANTIZED(bfloat16, VECTOR_BFLOAT16)
MULTIPLY_QUANTIZED(int8, VECTOR_INT8)
#undef MULTIPLY_QUANTIZED

// Adds these functions to a row of the table of formats.
#define DOT_PRODUCTS(NAME, CONSTANT)                                                               \
  [CONSTANT].quantized_count = quantized_count_##NAME,                                             \
  [CONSTANT].quantize_inputs = quantize_inputs_##NAME,                                             \
  [CONSTANT].multiply_quantized = multiply_quantized_##NAME
