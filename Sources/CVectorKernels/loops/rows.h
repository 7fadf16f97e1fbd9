// How a loop over a row is written: whole vectors, then what is left in one that is filled up.

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
    lanes value = load((x) + i); store((x) + i, formula), \
    lanes value = load_some((x) + i, left, 0); store_some((x) + i, formula, left))

static bool is_finite(const float *x, long n) {
  // 0 · x is 0 for a number, NaN for the rest; and so is the sum.
  lanes zeros = all(0);
  FOR_ROW(n, zeros += load(x + i) * 0, zeros += load_some(x + i, left, 0) * 0)
  return sum_of(zeros) == 0;
}

static void add(float *x, const float *y, long n) {
  FOR_ROW(n, store(x + i, load(x + i) + load(y + i)),
    store_some(x + i, load_some(x + i, left, 0) + load_some(y + i, left, 0), left))
}

static void multiply_rows(float *x, const float *y, long n) {
  FOR_ROW(n, store(x + i, load(x + i) * load(y + i)),
    store_some(x + i, load_some(x + i, left, 0) * load_some(y + i, left, 0), left))
}

static void scale(float *x, long n, float factor) { MAP_ROW(x, n, v, v * factor) }

static void divide(float *x, long n, float divisor) { MAP_ROW(x, n, v, v / divisor) }

static void widen_bfloat16(const uint16_t *bits, float *x, long n) {
  for (long i = 0; i < n; i++) {
    uint32_t wide = (uint32_t)bits[i] << 16;
    memcpy(x + i, &wide, sizeof wide);
  }
}

static void widen_float16(const uint16_t *bits, float *x, long n) {
  long i = 0;
  for (; i + LANES <= n; i += LANES) store(x + i, widened_float16(bits + i));
  if (i < n) {
    uint16_t rest[LANES] = {0};
    memcpy(rest, bits + i, (size_t)(n - i) * sizeof *bits);
    store_some(x + i, widened_float16(rest), n - i);
  }
}
