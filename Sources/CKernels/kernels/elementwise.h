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

// Whether some x is finite and no smaller than what is rounded to infinity.
static inline bool overflows(lanes x, float limit) {
  lanes size = magnitude(x);
  lanes found = size >= all(limit) ? (size < all(INFINITY) ? all(1) : all(0)) : all(0);
  return largest_of(found) != 0;
}

static inline void narrow_to_bfloat16(lanes x, uint16_t *bits) {
  typedef uint16_t halves __attribute__((ext_vector_type(LANES)));
  ints wide = bits_of(x);
  ints rounded = wide + 0x7FFF + (wide >> 16 & 1);
  // A NaN is made quiet, lest its fraction be lost and leave an infinity.
  ints upper = (x == x ? rounded : wide | 0x00400000) >> 16;
  halves narrow = __builtin_convertvector(upper, halves);
  memcpy(bits, &narrow, sizeof narrow);
}

#define NARROW_ROW(narrow, limit)                         \
  bool fits = true;                                       \
  FOR_ROW(n,                                              \
    lanes value = load(x + i); narrow(value, bits + i);   \
    if (overflows(value, limit)) fits = false,            \
    lanes value = load_some(x + i, left, 0);              \
    uint16_t rest[LANES]; narrow(value, rest);            \
    memcpy(bits + i, rest, (size_t)left * sizeof *bits);  \
    if (overflows(value, limit)) fits = false)            \
  return fits;

static bool narrow_bfloat16(const float *x, uint16_t *bits, long n) {
  NARROW_ROW(narrow_to_bfloat16, 0x1.FFp127f)
}

static bool narrow_float16(const float *x, uint16_t *bits, long n) {
  NARROW_ROW(narrow_to_float16, 65520)
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
