// Products with a matrix in panels: A [m, k] times P [k, n].
//
// A panel is 32 columns of P, its rows one after the other: the order in which the product reads them.
// It is cut into slices of at most SLICE rows, which stay in the first-level cache while every row of A
// goes past. A tile of C, up to TILE_ROWS rows by TILE_VECTORS vectors, is summed up in registers.

enum { SLICE = 256, WIDTH = VECTOR_PANEL_WIDTH, TILE_COLUMNS = TILE_VECTORS * LANES };

// What a tile does with its sums.
typedef struct {
  float *c;
  long stride;
  long columns;  // how many of the tile's columns C has
  float alpha;
  bool adds;          // to C, instead of replacing it
  const float *bias;  // added to every row, WIDTH scalars
} destination;

// Sums over `depth` rows of the panel. `rows` is a constant wherever this is inlined, so that the sums
// live in registers.
static inline __attribute__((always_inline)) void tile(
    const int rows, long depth, const float *a, long a_stride, const float *panel, destination to) {
  lanes sums[TILE_ROWS][TILE_VECTORS];
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++) sums[r][v] = all(0);
    // Where the sums will go is asked for now, to be there when they are ready.
#pragma unroll
    for (int v = 0; v < TILE_COLUMNS; v += 16) __builtin_prefetch(to.c + r * to.stride + v, 1);
  }
  for (long i = 0; i < depth; i++, panel += WIDTH) {
    lanes b[TILE_VECTORS];
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++) b[v] = load(panel + v * LANES);
#pragma unroll
    for (int v = 0; v < TILE_COLUMNS; v += 16) __builtin_prefetch(panel + 8 * WIDTH + v);
#pragma unroll
    for (int r = 0; r < rows; r++) {
      lanes factor = all(a[r * a_stride + i]);
#pragma unroll
      for (int v = 0; v < TILE_VECTORS; v++) sums[r][v] = factor * b[v] + sums[r][v];
    }
  }
  if (to.columns >= TILE_COLUMNS) {
#pragma unroll
    for (int r = 0; r < rows; r++) {
#pragma unroll
      for (int v = 0; v < TILE_VECTORS; v++) {
        float *c = to.c + r * to.stride + v * LANES;
        lanes kept = load(to.bias + v * LANES);
        if (to.adds) kept += load(c);
        store(c, sums[r][v] * to.alpha + kept);
      }
    }
  } else {
#pragma unroll
    for (int r = 0; r < rows; r++) {
#pragma unroll
      for (int v = 0; v < TILE_VECTORS; v++) {
        const long left = to.columns - v * LANES < LANES ? to.columns - v * LANES : LANES;
        if (left > 0) {
          float *c = to.c + r * to.stride + v * LANES;
          lanes kept = load(to.bias + v * LANES);
          if (to.adds) kept += load_some(c, left, 0);
          store_some(c, sums[r][v] * to.alpha + kept, left);
        }
      }
    }
  }
}

static void tile_of(
    long rows, long depth, const float *a, long a_stride, const float *panel, destination to) {
  switch (rows) {
#define CASE(R) case R: tile(R, depth, a, a_stride, panel, to); break;
    CASE(1) CASE(2) CASE(3) CASE(4)
#if TILE_ROWS > 4
    CASE(5) CASE(6)
#endif
#if TILE_ROWS > 6
    CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
#endif
#undef CASE
  }
}

// C ← f(C + addend) on one panel's columns.
static void finish(const vector_panel_product *p, long column, long columns) {
  for (long row = 0; row < p->m; row++) {
    float *c = p->c + row * p->c_stride + column;
    if (p->addend && p->addend != p->c) {
      add(c, p->addend + row * p->addend_stride + column, columns);
    }
    activate(c, columns, p->activation);
  }
}

static void multiply(const vector_panel_product *p) {
  // Rows are dealt out evenly over as few strips as there can be.
  const long strips = (p->m + TILE_ROWS - 1) / TILE_ROWS;
  const long least = strips > 0 ? p->m / strips : 0, longer = p->m - strips * least;
  for (long column = 0; column < p->n; column += WIDTH) {
    const float *panel = p->panels + column / WIDTH * p->panel_stride;
    const long columns = p->n - column < WIDTH ? p->n - column : WIDTH;
    // The first slice brings the bias along.
    float bias[WIDTH] = {0};
    if (p->bias && !p->accumulates) memcpy(bias, p->bias + column, (size_t)columns * sizeof *bias);
    // An addend that is C itself is added to like any other sum.
    bool adds = p->accumulates || (p->addend && p->addend == p->c);
    for (long first = 0; first < p->k || first == 0; first += SLICE) {
      const long depth = p->k - first < SLICE ? p->k - first : SLICE;
      for (long strip = 0, row = 0; strip < strips; strip++) {
        const long rows = least + (strip < longer);
        for (long offset = 0; offset < columns; offset += TILE_COLUMNS) {
          tile_of(rows, depth, p->a + row * p->a_stride + first, p->a_stride,
            panel + first * WIDTH + offset,
            (destination){.c = p->c + row * p->c_stride + column + offset, .stride = p->c_stride,
              .columns = columns - offset, .alpha = p->alpha, .adds = adds,
              .bias = bias + offset});
        }
        row += rows;
      }
      adds = true;
      memset(bias, 0, sizeof bias);
    }
    const bool addend_is_elsewhere = p->addend && p->addend != p->c;
    if (!p->accumulates && (addend_is_elsewhere || p->activation != VECTOR_IDENTITY)) {
      finish(p, column, columns);
    }
  }
}

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
