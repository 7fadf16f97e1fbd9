// Packing a matrix [k, n] into panels of float32. Columns beyond n are 0.

static void pack_rows(const float *x, long stride, long n, long k, float *panels) {
  for (long column = 0; column < n; column += WIDTH) {
    const long columns = n - column < WIDTH ? n - column : WIDTH;
    for (long row = 0; row < k; row++, panels += WIDTH) {
      const float *source = x + row * stride + column;
      // The hardware prefetcher does not follow such large strides.
      __builtin_prefetch(source + PACK_PREFETCH_ROWS * stride);
      __builtin_prefetch(source + PACK_PREFETCH_ROWS * stride + WIDTH / 2);
      if (columns == WIDTH) {
        memcpy(panels, source, WIDTH * sizeof *panels);
      } else {
        memcpy(panels, source, (size_t)columns * sizeof *panels);
        memset(panels + columns, 0, (size_t)(WIDTH - columns) * sizeof *panels);
      }
    }
  }
}

// Four floats of each of rows 0, 4, 8, … from x, side by side.
static inline vec load_quads(const float *x, long stride) {
  float quads[LANES];
  for (int i = 0; i < LANES; i += 4) memcpy(quads + i, x + i * stride, 4 * sizeof *x);
  return load(quads);
}

// Transposes LANES rows of four floats into four panel rows of LANES.
static inline void transpose(const float *x, long stride, float *panel) {
  vec a = load_quads(x, stride), b = load_quads(x + stride, stride);
  vec c = load_quads(x + 2 * stride, stride), d = load_quads(x + 3 * stride, stride);
  vec ab = interleave_low(a, b), cd = interleave_low(c, d);
  store(panel, join_low(ab, cd));
  store(panel + WIDTH, join_high(ab, cd));
  ab = interleave_high(a, b), cd = interleave_high(c, d);
  store(panel + 2 * WIDTH, join_low(ab, cd));
  store(panel + 3 * WIDTH, join_high(ab, cd));
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
