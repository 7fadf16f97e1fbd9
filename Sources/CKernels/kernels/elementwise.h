// Loops over a row of n floats: `whole` for each full vector at i, then `rest` for the last `left`
// elements at i, 0 < left < LANES.

#define FOR_ROW(n, whole, rest)             \
  {                                         \
    long i = 0;                             \
    for (; i + LANES <= (n); i += LANES) {  \
      whole;                                \
    }                                       \
    long left = (n) - i;                    \
    if (left > 0) {                         \
      rest;                                 \
    }                                       \
  }

#define MAP_ROW(x, n, value, formula)                     \
  FOR_ROW(n,                                              \
    vec value = load((x) + i); store((x) + i, formula), \
    vec value = load_n((x) + i, left, 0); store_n((x) + i, formula, left))

static bool is_finite(const float *x, long n) {
  // 0 · x is 0 if x is finite, otherwise NaN.
  vec zeros = splat(0);
  FOR_ROW(n, zeros += load(x + i) * 0, zeros += load_n(x + i, left, 0) * 0)
  return reduce_sum(zeros) == 0;
}

static void add(float *x, const float *y, long n) {
  FOR_ROW(n, store(x + i, load(x + i) + load(y + i)),
    store_n(x + i, load_n(x + i, left, 0) + load_n(y + i, left, 0), left))
}

static void multiply_rows(float *x, const float *y, long n) {
  FOR_ROW(n, store(x + i, load(x + i) * load(y + i)),
    store_n(x + i, load_n(x + i, left, 0) * load_n(y + i, left, 0), left))
}

static void scale(float *x, long n, float factor) { MAP_ROW(x, n, v, v * factor) }

static void scale_rows(
    const float *x, long stride, long rows, long n, const float *factors, long factor_stride,
    float *target, long target_stride) {
  for (long row = 0; row < rows; row++, x += stride, target += target_stride) {
    const float factor = factors[row * factor_stride];
    FOR_ROW(n, store(target + i, load(x + i) * factor),
      store_n(target + i, load_n(x + i, left, 0) * factor, left))
  }
}

static void divide(float *x, long n, float divisor) { MAP_ROW(x, n, v, v / divisor) }

// Conversion of float32 from and to 16-bit floats.

static void bfloat16_to_float(const uint16_t *bits, float *x, long n) {
  for (long i = 0; i < n; i++) {
    uint32_t wide = (uint32_t)bits[i] << 16;
    memcpy(x + i, &wide, sizeof wide);
  }
}

static void float16_to_float(const uint16_t *bits, float *x, long n) {
  long i = 0;
  for (; i + LANES <= n; i += LANES) store(x + i, load_float16(bits + i));
  if (i < n) {
    uint16_t rest[LANES] = {0};
    memcpy(rest, bits + i, (size_t)(n - i) * sizeof *bits);
    store_n(x + i, load_float16(rest), n - i);
  }
}

// Whether some x is finite but rounds to infinity: |x| ≥ limit.
static inline bool overflows(vec x, float limit) {
  vec size = absolute(x);
  vec found = size >= splat(limit) ? (size < splat(INFINITY) ? splat(1) : splat(0)) : splat(0);
  return reduce_max(found) != 0;
}

#define CONVERT_ROW(store_format, limit)                  \
  bool fits = true;                                       \
  FOR_ROW(n,                                              \
    vec value = load(x + i); store_format(bits + i, value); \
    if (overflows(value, limit)) fits = false,            \
    vec value = load_n(x + i, left, 0);                   \
    uint16_t rest[LANES]; store_format(rest, value);      \
    memcpy(bits + i, rest, (size_t)left * sizeof *bits);  \
    if (overflows(value, limit)) fits = false)            \
  return fits;

static bool float_to_bfloat16(const float *x, uint16_t *bits, long n) {
  CONVERT_ROW(store_bfloat16, 0x1.FFp127f)
}

static bool float_to_float16(const float *x, uint16_t *bits, long n) {
  CONVERT_ROW(store_float16, 65520)
}
