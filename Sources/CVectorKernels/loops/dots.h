// Products of inputs that were rounded as the weights are, by instructions that multiply and add two
// bfloat16 numbers or four whole numbers at once in each lane.
//
// Rounded inputs are 32-bit words of two or four neighbours of a row. For whole numbers, a scale and a
// start follow for each row and each SPAN of its inputs.

enum { SPAN = 64, DOT_ROWS = 7 };  // of int8: 7 × 2 sums and as many totals, 2 vectors of P and 1 of A

static inline long per_word(vector_element element) { return element == VECTOR_BFLOAT16 ? 2 : 4; }
static inline long words_of(vector_element element, long k) {
  return (k + per_word(element) - 1) / per_word(element);
}
static inline long spans_of(long k) { return (k + SPAN - 1) / SPAN; }

static long rounded_count(vector_element element, long m, long k) {
  return m * (words_of(element, k) + (element == VECTOR_INT8 ? 2 * spans_of(k) : 0));
}

static void round_to_bfloat16(const float *x, long k, uint16_t *rounded) {
  narrow_bfloat16(x, rounded, k);
  if (k % 2) rounded[k] = 0;
}

// One span: xᵢ ≈ scale · wholeᵢ. An infinity or NaN makes the scale NaN.
static void round_to_int8(const float *x, long n, float *scale, int32_t *start, int8_t *whole) {
  float padded[SPAN] = {0};
  memcpy(padded, x, (size_t)n * sizeof *x);
  lanes largest = all(0), nothing = all(0);
  for (long i = 0; i < SPAN; i += LANES) {
    largest = larger(magnitude(load(padded + i)), largest);
    nothing = load(padded + i) * all(0) + nothing;
  }
  const float most = largest_of(largest) / 127;
  *scale = (most < 0x1p-126f ? 0x1p-126f : most) + sum_of(nothing);
  int8_t all_whole[SPAN];
  int32_t sum = 0;
  for (long i = 0; i < SPAN; i += LANES) {
    narrow_to_int8(load(padded + i) / *scale, all_whole + i);
  }
  for (long i = 0; i < SPAN; i++) sum += all_whole[i];
  // The instruction takes weights as numbers from 0 to 255, 128 too large.
  *start = -128 * sum;
  memcpy(whole, all_whole, (size_t)(n + 3) / 4 * 4);
}

static void round_inputs(
    vector_element element, const float *a, long a_stride, long m, long k, void *rounded) {
  const long words = words_of(element, k), spans = spans_of(k);
  int32_t *word = rounded;
  float *scales = (float *)rounded + m * words;
  int32_t *starts = word + m * (words + spans);
  for (long row = 0; row < m; row++, a += a_stride, word += words) {
    if (element == VECTOR_BFLOAT16) {
      round_to_bfloat16(a, k, (uint16_t *)word);
    } else {
      for (long first = 0; first < k; first += SPAN) {
        round_to_int8(
          a + first, k - first < SPAN ? k - first : SPAN, scales++, starts++, (int8_t *)word + first);
      }
    }
  }
}

// Rows of a panel, side by side in a word: of two rows of 16-bit, or four of 8-bit elements.
typedef struct { __m512i low, high; } word_order;

#define FOUR(name, c) name(c), name(c + 1), name(c + 2), name(c + 3)
#define SIXTEEN(name, c) \
  {FOUR(name, c), FOUR(name, c + 4), FOUR(name, c + 8), FOUR(name, c + 12)}
#define PAIR(c) c, c + 32
#define QUAD(c) c, c + 32, c + 64, c + 96
static const uint16_t pairs[2][32] = {SIXTEEN(PAIR, 0), SIXTEEN(PAIR, 16)};
static const uint8_t quads[2][64] = {SIXTEEN(QUAD, 0), SIXTEEN(QUAD, 16)};
#undef FOUR
#undef SIXTEEN
#undef PAIR
#undef QUAD

static inline word_order order_of(vector_element element) {
  return element == VECTOR_BFLOAT16
    ? (word_order){_mm512_loadu_si512(pairs[0]), _mm512_loadu_si512(pairs[1])}
    : (word_order){_mm512_loadu_si512(quads[0]), _mm512_loadu_si512(quads[1])};
}

// The panel's next rows, from memory or, where fewer are left than a word takes, with zeros behind them.
static inline __attribute__((always_inline)) void load_words(
    const char *panel, const char *end, __m512i *x, __m512i *y) {
  if (end - panel >= 128) {
    *x = _mm512_loadu_si512(panel);
    *y = _mm512_loadu_si512(panel + 64);
  } else {
    char rest[128] = {0};
    memcpy(rest, panel, (size_t)(end - panel));
    *x = _mm512_loadu_si512(rest);
    *y = _mm512_loadu_si512(rest + 64);
  }
}

static inline __attribute__((always_inline)) void dot_bfloat16(
    const int rows, const vector_panel_product *p, const char *panel, const int32_t *a,
    word_order order, destination to) {
  const long words = words_of(VECTOR_BFLOAT16, p->k);
  const char *end = panel + p->k * WIDTH * 2;
  lanes sums[TILE_ROWS][2];
#pragma unroll
  for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = all(0);
  for (long i = 0; i < words; i++, panel += 128) {
    __m512i x, y;
    load_words(panel, end, &x, &y);
    ask_beyond(panel, 128);
    const __m512bh low = (__m512bh)_mm512_permutex2var_epi16(x, order.low, y);
    const __m512bh high = (__m512bh)_mm512_permutex2var_epi16(x, order.high, y);
#pragma unroll
    for (int r = 0; r < rows; r++) {
      const __m512bh factor = (__m512bh)_mm512_set1_epi32(a[r * words]);
      sums[r][0] = (lanes)_mm512_dpbf16_ps((__m512)sums[r][0], factor, low);
      sums[r][1] = (lanes)_mm512_dpbf16_ps((__m512)sums[r][1], factor, high);
    }
    a++;
  }
  put(rows, 2, &sums[0][0], to);
}

static inline __attribute__((always_inline)) void dot_int8(
    const int rows, const vector_panel_product *p, const char *panel, const float *scales,
    const int32_t *a, const float *a_scales, const int32_t *a_starts, word_order order,
    destination to) {
  const long words = words_of(VECTOR_INT8, p->k), spans = spans_of(p->k);
  const char *end = panel + p->k * WIDTH;
  const __m512i sign = _mm512_set1_epi8((char)0x80);
  lanes totals[DOT_ROWS][2];
#pragma unroll
  for (int r = 0; r < rows; r++) totals[r][0] = totals[r][1] = all(0);
  for (long span = 0; span < spans; span++) {
    __m512i sums[DOT_ROWS][2];
#pragma unroll
    for (int r = 0; r < rows; r++) {
      sums[r][0] = sums[r][1] = _mm512_set1_epi32(a_starts[r * spans + span]);
    }
    const long left = words - span * (SPAN / 4), count = left < SPAN / 4 ? left : SPAN / 4;
    for (long i = 0; i < count; i++, panel += 128) {
      __m512i x, y;
      load_words(panel, end, &x, &y);
      ask_beyond(panel, 128);
      x = _mm512_xor_si512(x, sign);
      y = _mm512_xor_si512(y, sign);
      const __m512i low = _mm512_permutex2var_epi8(x, order.low, y);
      const __m512i high = _mm512_permutex2var_epi8(x, order.high, y);
#pragma unroll
      for (int r = 0; r < rows; r++) {
        const __m512i factor = _mm512_set1_epi32(a[r * words]);
        sums[r][0] = _mm512_dpbusd_epi32(sums[r][0], low, factor);
        sums[r][1] = _mm512_dpbusd_epi32(sums[r][1], high, factor);
      }
      a++;
    }
    const float *scale = scales + span * SPAN / p->group * WIDTH;
#pragma unroll
    for (int r = 0; r < rows; r++) {
      const lanes factor = all(a_scales[r * spans + span]);
#pragma unroll
      for (int v = 0; v < 2; v++) {
        totals[r][v] = (lanes)_mm512_cvtepi32_ps(sums[r][v]) * (factor * load(scale + v * LANES))
          + totals[r][v];
      }
    }
  }
  put(rows, 2, &totals[0][0], to);
}

// The rows of one panel, a strip of them at a time.
static void dot_panel(
    const vector_panel_product *p, const char *panel, const float *scales, destination to) {
  const bool is_whole = p->element == VECTOR_INT8;
  const long words = words_of(p->element, p->k), spans = spans_of(p->k);
  const int32_t *a = p->rounded;
  const float *a_scales = (const float *)a + p->m * words;
  const int32_t *a_starts = a + p->m * (words + spans);
  const word_order order = order_of(p->element);
  const long most = is_whole ? DOT_ROWS : TILE_ROWS, strips = (p->m + most - 1) / most;
  for (long strip = 0, row = 0; strip < strips; strip++) {
    const long rows = p->m / strips + (strip < p->m % strips);
    destination corner = to;
    corner.c += row * to.stride;
    const int32_t *strip_a = a + row * words;
    const float *strip_scales = a_scales + row * spans;
    const int32_t *strip_starts = a_starts + row * spans;
#define WHOLE(R) case R: \
    dot_int8(R, p, panel, scales, strip_a, strip_scales, strip_starts, order, corner); break;
#define BRAIN(R) case R: dot_bfloat16(R, p, panel, strip_a, order, corner); break;
    if (is_whole) {
      switch (rows) { WHOLE(1) WHOLE(2) WHOLE(3) WHOLE(4) WHOLE(5) WHOLE(6) WHOLE(7) }
    } else {
      switch (rows) {
        BRAIN(1) BRAIN(2) BRAIN(3) BRAIN(4) BRAIN(5) BRAIN(6) BRAIN(7) BRAIN(8) BRAIN(9) BRAIN(10)
        BRAIN(11) BRAIN(12) BRAIN(13) BRAIN(14)
      }
    }
#undef WHOLE
#undef BRAIN
    row += rows;
  }
}

static void multiply_rounded(const vector_panel_product *p) { for_panels(p, dot_panel); }

const vector_dots vector_dots_avx512 = {
  .rounded_count = rounded_count, .round_inputs = round_inputs, .multiply = multiply_rounded,
};
