// The online softmax of attention: tile by tile, with a running maximum.

static float maximum(const float *x, long n) {
  // Several maxima, because each comparison depends on the previous one.
  enum { N = MAXIMUM_ACCUMULATORS };
  vec largest[N];
  for (int v = 0; v < N; v++) largest[v] = splat(-INFINITY);
  long start = 0;
  for (; start + N * LANES <= n; start += N * LANES) {
    for (int v = 0; v < N; v++) largest[v] = max(load(x + start + v * LANES), largest[v]);
  }
  FOR_ROW(n - start, largest[0] = max(load(x + start + i), largest[0]),
    largest[0] = max(load_n(x + start + i, left, -INFINITY), largest[0]))
  for (int step = 1; step < N; step *= 2) {
    for (int v = 0; v < N; v += 2 * step) largest[v] = max(largest[v], largest[v + step]);
  }
  return reduce_max(largest[0]);
}

#define SUM_EXPONENTIALS(exponential)                                          \
  vec total = splat(0);                                                        \
  FOR_ROW(n,                                                                   \
    vec e = exponential(load(x + i) - shift); store(x + i, e); total += e,   \
    /* Fill with −∞: exp(−∞) = 0 adds nothing. */                              \
    vec e = exponential(load_n(x + i, left, -INFINITY) - shift);          \
    store_n(x + i, e, left); total += e)                                    \
  return reduce_sum(total);

static float exponentials(float *x, long n, float shift) { SUM_EXPONENTIALS(exponential) }

// The same, if no x exceeds the shift.
static inline float exponentials_of_low(float *x, long n, float shift) {
  SUM_EXPONENTIALS(exponential_of_low)
}

// The shift for a maximum m. For a row of −∞ it is 0: exp(−∞ − 0) = 0, while −∞ − (−∞) is NaN.
static inline float as_shift(float largest) { return largest == -INFINITY ? 0 : largest; }

static void online_softmax(const vector_softmax_tile *tile) {
  // Each pass runs over a block of rows, because the passes over one row depend on each other.
  enum { ROWS = SOFTMAX_ROW_BLOCK };
  for (long first = 0; first < tile->rows; first += ROWS) {
    const long rows = tile->rows - first < ROWS ? tile->rows - first : ROWS;
    float *scores = tile->scores + first * tile->score_stride;
    float *row_max = tile->row_max + first, *row_sum = tile->row_sum + first;
    float old_max[ROWS], sums[ROWS];
    // 1. m′ = max(m, max S)
    for (long row = 0; row < rows; row++) {
      float found = maximum(scores + row * tile->score_stride, tile->columns);
      old_max[row] = row_max[row];
      row_max[row] = found > old_max[row] ? found : old_max[row];
    }
    // 2. P = exp(S − m′), Σ P
    for (long row = 0; row < rows; row++) {
      sums[row] = exponentials_of_low(
        scores + row * tile->score_stride, tile->columns, as_shift(row_max[row]));
    }
    // 3. a = exp(m − m′), l ← a l + Σ P, O ← a O. Before the first tile l and O are 0.
    for (long row = 0; row < rows; row++) {
      if (row_max[row] != old_max[row] && row_sum[row] != 0) {
        float a = exponential(splat(old_max[row] - row_max[row]))[0];
        row_sum[row] *= a;
        scale(tile->output + (first + row) * tile->output_stride, tile->output_columns, a);
      }
      row_sum[row] += sums[row];
    }
  }
}
