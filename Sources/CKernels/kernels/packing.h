// Packing a matrix [k, n] into panels of float32 with `width` columns. Columns beyond n are 0.

static void pack_rows(
    const float *x, long stride, long n, long k, long width, float *panels) {
  for (long column = 0; column < n; column += width) {
    const long columns = n - column < width ? n - column : width;
    for (long row = 0; row < k; row++, panels += width) {
      const float *source = x + row * stride + column;
      // The hardware prefetcher does not follow such large strides.
      for (long i = 0; i < columns; i += 16) {
        __builtin_prefetch(source + PACK_PREFETCH_ROWS * stride + i);
      }
      FOR_ROW(columns, store(panels + i, load(source + i)),
        memcpy(panels + i, source + i, (size_t)left * sizeof *panels))
      if (columns < width) {
        memset(panels + columns, 0, (size_t)(width - columns) * sizeof *panels);
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
static inline void transpose(const float *x, long stride, float *panel, long width) {
  vec a = load_quads(x, stride), b = load_quads(x + stride, stride);
  vec c = load_quads(x + 2 * stride, stride), d = load_quads(x + 3 * stride, stride);
  vec ab = interleave_low(a, b), cd = interleave_low(c, d);
  store(panel, join_low(ab, cd));
  store(panel + width, join_high(ab, cd));
  ab = interleave_high(a, b), cd = interleave_high(c, d);
  store(panel + 2 * width, join_low(ab, cd));
  store(panel + 3 * width, join_high(ab, cd));
}

static void pack_columns(
    const float *x, long stride, long n, long k, long width, float *panels) {
  for (long column = 0; column < n; column += width, panels += k * width) {
    const long columns = n - column < width ? n - column : width;
    const long whole_columns = columns / LANES * LANES, whole_rows = k / 4 * 4;
    const float *source = x + column * stride;
    for (long c = 0; c < whole_columns; c += LANES) {
      for (long row = 0; row < whole_rows; row += 4) {
        transpose(source + c * stride + row, stride, panels + row * width + c, width);
      }
    }
    for (long c = 0; c < columns; c++) {
      for (long row = c < whole_columns ? whole_rows : 0; row < k; row++) {
        panels[row * width + c] = source[c * stride + row];
      }
    }
    if (columns < width) {
      for (long row = 0; row < k; row++) {
        memset(panels + row * width + columns, 0, (size_t)(width - columns) * sizeof *panels);
      }
    }
  }
}
