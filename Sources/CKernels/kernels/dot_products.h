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

// One vector of words for each half of the panel's columns.
typedef struct { __m512i low, high; } word_pair;

// The panel's next rows as words; of whole numbers as 0 to 255, 128 too large.
static inline __attribute__((always_inline)) word_pair words_at(
    const vector_element element, const char *panel, const char *end, word_order order) {
  __m512i x, y;
  load_words(panel, end, &x, &y);
  if (element == VECTOR_BFLOAT16) {
    return (word_pair){
      _mm512_permutex2var_epi16(x, order.low, y), _mm512_permutex2var_epi16(x, order.high, y)};
  }
  const __m512i sign = _mm512_set1_epi8((char)0x80);
  x = _mm512_xor_si512(x, sign);
  y = _mm512_xor_si512(y, sign);
  return (word_pair){
    _mm512_permutex2var_epi8(x, order.low, y), _mm512_permutex2var_epi8(x, order.high, y)};
}

// A few rows of rounded inputs against some rows of a panel.
typedef struct {
  long first, words;        // of the panel's
  const char *panel, *end;  // its rows, or the first of these words
  word_order order;
  upcoming next;
  const int32_t *a;  // rows of words, a_stride apart
  long a_stride;
  // Of whole numbers: the scales and starts of A, rows spans apart, and the scales of the panel.
  const float *a_scales;
  const int32_t *a_starts;
  long spans;
  const float *scales;
  long group;
} dot_run;

// `is_ordered`: whether the panel's rows are words already. What comes is asked for.
static inline __attribute__((always_inline)) word_pair next_words(
    const vector_element element, const bool is_ordered, dot_run *run) {
  word_pair words;
  if (is_ordered) {
    words = (word_pair){_mm512_loadu_si512(run->panel), _mm512_loadu_si512(run->panel + 64)};
    __builtin_prefetch(run->next.first, 0, 2);
    run->next.first += run->next.step;
  } else {
    words = words_at(element, run->panel, run->end, run->order);
    ask_beyond(run->panel, 128);
  }
  run->panel += 128;
  return words;
}

static inline __attribute__((always_inline)) void dot_bfloat16(
    const int rows, const bool is_ordered, dot_run run, destination to) {
  lanes sums[TILE_ROWS][2];
#pragma unroll
  for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = all(0);
  for (long i = 0; i < run.words; i++) {
    const word_pair words = next_words(VECTOR_BFLOAT16, is_ordered, &run);
#pragma unroll
    for (int r = 0; r < rows; r++) {
      const __m512bh factor = (__m512bh)_mm512_set1_epi32(run.a[r * run.a_stride]);
      sums[r][0] = (lanes)_mm512_dpbf16_ps((__m512)sums[r][0], factor, (__m512bh)words.low);
      sums[r][1] = (lanes)_mm512_dpbf16_ps((__m512)sums[r][1], factor, (__m512bh)words.high);
    }
    run.a++;
  }
  put(rows, 2, &sums[0][0], to);
}

static inline __attribute__((always_inline)) void dot_int8(
    const int rows, const bool is_ordered, dot_run run, destination to) {
  lanes totals[DOT_ROWS][2];
#pragma unroll
  for (int r = 0; r < rows; r++) totals[r][0] = totals[r][1] = all(0);
  for (long first = 0; first < run.words; first += SPAN / 4) {
    __m512i sums[DOT_ROWS][2];
#pragma unroll
    for (int r = 0; r < rows; r++) {
      sums[r][0] = sums[r][1] = _mm512_set1_epi32(run.a_starts[r * run.spans]);
    }
    const long left = run.words - first, count = left < SPAN / 4 ? left : SPAN / 4;
    for (long i = 0; i < count; i++) {
      const word_pair words = next_words(VECTOR_INT8, is_ordered, &run);
#pragma unroll
      for (int r = 0; r < rows; r++) {
        const __m512i factor = _mm512_set1_epi32(run.a[r * run.a_stride]);
        sums[r][0] = _mm512_dpbusd_epi32(sums[r][0], words.low, factor);
        sums[r][1] = _mm512_dpbusd_epi32(sums[r][1], words.high, factor);
      }
      run.a++;
    }
    const float *scale = run.scales + (run.first + first) * 4 / run.group * WIDTH;
#pragma unroll
    for (int r = 0; r < rows; r++) {
      const lanes factor = all(run.a_scales[r * run.spans]);
#pragma unroll
      for (int v = 0; v < 2; v++) {
        totals[r][v] = (lanes)_mm512_cvtepi32_ps(sums[r][v]) * (factor * load(scale + v * LANES))
          + totals[r][v];
      }
    }
    run.a_scales++;
    run.a_starts++;
  }
  put(rows, 2, &totals[0][0], to);
}

static inline __attribute__((always_inline)) void dot_rows(
    const vector_element element, const bool is_ordered, long rows, dot_run run, destination to) {
#define WHOLE(R) case R: dot_int8(R, is_ordered, run, to); break;
#define BRAIN(R) case R: dot_bfloat16(R, is_ordered, run, to); break;
  if (element == VECTOR_INT8) {
    switch (rows) { WHOLE(1) WHOLE(2) WHOLE(3) WHOLE(4) WHOLE(5) WHOLE(6) WHOLE(7) }
  } else {
    switch (rows) {
      BRAIN(1) BRAIN(2) BRAIN(3) BRAIN(4) BRAIN(5) BRAIN(6) BRAIN(7) BRAIN(8) BRAIN(9) BRAIN(10)
      BRAIN(11) BRAIN(12) BRAIN(13) BRAIN(14)
    }
  }
#undef WHOLE
#undef BRAIN
}

// The rows of one panel: one strip of them reads it as it lies; for more, a slice at a time becomes words
// once, in the first-level cache.
static inline __attribute__((always_inline)) void dot_panel(
    const vector_element element, const vector_panel_product *p, const char *panel,
    const float *scales, destination to) {
  const long words = words_of(element, p->k), spans = spans_of(p->k), bytes = byte_count(element);
  const long most = element == VECTOR_INT8 ? DOT_ROWS : TILE_ROWS;
  const long strips = (p->m + most - 1) / most;
  dot_run run = {
    .words = words, .panel = panel, .end = panel + p->k * WIDTH * bytes,
    .order = order_of(element), .a = p->rounded, .a_stride = words,
    .a_scales = (const float *)p->rounded + p->m * words,
    .a_starts = (const int32_t *)p->rounded + p->m * (words + spans), .spans = spans,
    .scales = scales, .group = p->group};
  if (strips == 1) {
    dot_rows(element, false, p->m, run, to);
    return;
  }
  _Alignas(64) char slice[SLICE * WIDTH * sizeof(uint16_t)];
  const float none[WIDTH] = {0};
  const long slice_words = SLICE / per_word(element);
  for (long first = 0; first < words || first == 0; first += slice_words) {
    const long count = words - first < slice_words ? words - first : slice_words;
    const char *source = panel + first * 128;
    for (long i = 0; i < count; i++) {
      const word_pair pair = words_at(element, source + i * 128, run.end, run.order);
      __builtin_prefetch(source + i * 128 + NEAR_AHEAD);
      __builtin_prefetch(source + i * 128 + NEAR_AHEAD + 64);
      _mm512_store_si512(slice + i * 128, pair.low);
      _mm512_store_si512(slice + i * 128 + 64, pair.high);
    }
    dot_run strip = run;
    strip.first = first;
    strip.words = count;
    strip.panel = slice;
    // Each strip asks for a part of the next slice.
    strip.next = (upcoming){source + slice_words * 128, 128 / strips};
    strip.a += first;
    strip.a_scales += first * 4 / SPAN;
    strip.a_starts += first * 4 / SPAN;
    destination corner = to;
    for (long i = 0; i < strips; i++) {
      const long rows = p->m / strips + (i < p->m % strips);
      dot_rows(element, true, rows, strip, corner);
      corner.c += rows * to.stride;
      strip.a += rows * words;
      strip.a_scales += rows * spans;
      strip.a_starts += rows * spans;
      strip.next.first += count * strip.next.step;
    }
    to.adds = true;
    to.bias = none;
  }
}

static void dot_bfloat16_panel(
    const vector_panel_product *p, const char *panel, const float *scales, destination to) {
  dot_panel(VECTOR_BFLOAT16, p, panel, scales, to);
}

static void dot_int8_panel(
    const vector_panel_product *p, const char *panel, const float *scales, destination to) {
  dot_panel(VECTOR_INT8, p, panel, scales, to);
}

static void multiply_rounded(const vector_panel_product *p) {
  for_panels(p, p->element == VECTOR_INT8 ? dot_int8_panel : dot_bfloat16_panel);
}

const vector_dots vector_dots_avx512 = {
  .rounded_count = rounded_count, .round_inputs = round_inputs, .multiply = multiply_rounded,
};
