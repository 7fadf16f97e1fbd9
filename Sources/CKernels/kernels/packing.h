// Matrices become panels.

static void pack_rows(const float *x, long stride, long n, long k, float *panels) {
  for (long column = 0; column < n; column += WIDTH) {
    const long columns = n - column < WIDTH ? n - column : WIDTH;
    for (long row = 0; row < k; row++, panels += WIDTH) {
      const float *source = x + row * stride + column;
      // Rows lie apart, where the processor does not see them coming.
      __builtin_prefetch(source + 8 * stride);
      __builtin_prefetch(source + 8 * stride + WIDTH / 2);
      if (columns == WIDTH) {
        memcpy(panels, source, WIDTH * sizeof *panels);
      } else {
        memcpy(panels, source, (size_t)columns * sizeof *panels);
        memset(panels + columns, 0, (size_t)(WIDTH - columns) * sizeof *panels);
      }
    }
  }
}

// Four scalars of every fourth row from x on, side by side.
static inline lanes load_quads(const float *x, long stride) {
  float quads[LANES];
  for (int i = 0; i < LANES; i += 4) memcpy(quads + i, x + i * stride, 4 * sizeof *x);
  return load(quads);
}

// LANES rows of four scalars become four rows of LANES.
static inline void transpose(const float *x, long stride, float *panel) {
  lanes a = load_quads(x, stride), b = load_quads(x + stride, stride);
  lanes c = load_quads(x + 2 * stride, stride), d = load_quads(x + 3 * stride, stride);
  lanes ab = interleave_low(a, b), cd = interleave_low(c, d);
  store(panel, pair_low(ab, cd));
  store(panel + WIDTH, pair_high(ab, cd));
  ab = interleave_high(a, b), cd = interleave_high(c, d);
  store(panel + 2 * WIDTH, pair_low(ab, cd));
  store(panel + 3 * WIDTH, pair_high(ab, cd));
}

static void pack_columns(const float *x, long stride, long n, long k, float *panels) {
  for (long column = 0; column < n; column += WIDTH, panels += k * WIDTH) {
    const long columns = n - column < WIDTH ? n - column : WIDTH;
    const long whole_columns = columns / LANES * LANES, whole_rows = k / 4 * 4;
    const float *source = x + column * stride;
    for (long c = 0; c < whole_columns; c += LANES) {
      for (long row = 0; row < whole_rows; row += 4) {
        transpose(source + c * stride + row, stride, panels + row * WIDTH + c);
      }
    }
    for (long c = 0; c < columns; c++) {
      for (long row = c < whole_columns ? whole_rows : 0; row < k; row++) {
        panels[row * WIDTH + c] = source[c * stride + row];
      }
    }
    if (columns < WIDTH) {
      for (long row = 0; row < k; row++) {
        memset(panels + row * WIDTH + columns, 0, (size_t)(WIDTH - columns) * sizeof *panels);
      }
    }
  }
}

// The whole numbers nearest to x, at most 127 in size; ties to even.
static inline void narrow_to_int8(lanes x, int8_t *whole) {
  // Beside 1.5 · 2²³ floats are whole numbers, in the lower bits.
  typedef int8_t bytes __attribute__((ext_vector_type(LANES)));
  bytes narrow = __builtin_convertvector(bits_of(x + 0x1.8p23f), bytes);
  memcpy(whole, &narrow, sizeof narrow);
}

static void quantize(const float *panel, long rows, float *scales, int8_t *whole) {
  for (long c = 0; c < WIDTH; c += LANES) {
    lanes largest = all(0);
    for (long row = 0; row < rows; row++) {
      largest = larger(magnitude(load(panel + row * WIDTH + c)), largest);
    }
    // Not below the normal numbers, where a quotient could exceed 127, nor 0.
    lanes scale = at_least(largest / 127, 0x1p-126f);
    store(scales + c, scale);
    for (long row = 0; row < rows; row++) {
      narrow_to_int8(load(panel + row * WIDTH + c) / scale, whole + row * WIDTH + c);
    }
  }
}
