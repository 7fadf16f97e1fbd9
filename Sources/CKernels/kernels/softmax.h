// Softmax of rows: at once, or a tile at a time with a maximum that may still grow.

static float maximum(const float *x, long n) {
  // Four at a time, since each comparison waits for the one before.
  lanes largest[4] = {all(-INFINITY), all(-INFINITY), all(-INFINITY), all(-INFINITY)};
  long start = 0;
  for (; start + 4 * LANES <= n; start += 4 * LANES) {
    for (int v = 0; v < 4; v++) largest[v] = larger(load(x + start + v * LANES), largest[v]);
  }
  FOR_ROW(n - start, largest[0] = larger(load(x + start + i), largest[0]),
    largest[0] = larger(load_some(x + start + i, left, -INFINITY), largest[0]))
  return largest_of(larger(larger(largest[0], largest[1]), larger(largest[2], largest[3])));
}

#define SUM_EXPONENTIALS(exponential)                                          \
  lanes total = all(0);                                                        \
  FOR_ROW(n,                                                                   \
    lanes e = exponential(load(x + i) - shift); store(x + i, e); total += e,   \
    /* What fills up the vector adds exp(−∞) = 0. */                           \
    lanes e = exponential(load_some(x + i, left, -INFINITY) - shift);          \
    store_some(x + i, e, left); total += e)                                    \
  return sum_of(total);

static float exponentials(float *x, long n, float shift) { SUM_EXPONENTIALS(exponential) }

// The same where no x exceeds the shift.
static inline float exponentials_of_low(float *x, long n, float shift) {
  SUM_EXPONENTIALS(exponential_of_low)
}

// m as a shift: a row of −∞ alone has exp(−∞ − 0) = 0, where −∞ − (−∞) would be NaN.
static inline float as_shift(float largest) { return largest == -INFINITY ? 0 : largest; }

static void softmax(float *x, long n) {
  float total = exponentials_of_low(x, n, as_shift(maximum(x, n)));
  if (total != 0) divide(x, n, total);
}

static void online_softmax(const vector_softmax_tile *tile) {
  // Pass by pass over some rows, rather than row by row: a row's passes wait for one another.
  enum { GROUP = 16 };
  for (long first = 0; first < tile->rows; first += GROUP) {
    const long rows = tile->rows - first < GROUP ? tile->rows - first : GROUP;
    float *scores = tile->scores + first * tile->score_stride;
    float *largest = tile->largest + first, *total = tile->total + first;
    float old[GROUP], sums[GROUP];
    // 1. m′ = max(m, max S)
    for (long row = 0; row < rows; row++) {
      float found = maximum(scores + row * tile->score_stride, tile->columns);
      old[row] = largest[row];
      largest[row] = found > old[row] ? found : old[row];
    }
    // 2. P = exp(S − m′), Σ P
    for (long row = 0; row < rows; row++) {
      sums[row] = exponentials_of_low(
        scores + row * tile->score_stride, tile->columns, as_shift(largest[row]));
    }
    // 3. What was summed under the old maximum shrinks by a = exp(m − m′); before the first tile
    //    there is nothing.
    for (long row = 0; row < rows; row++) {
      if (largest[row] != old[row] && total[row] != 0) {
        float a = exponential(all(old[row] - largest[row]))[0];
        total[row] *= a;
        scale(tile->output + (first + row) * tile->output_stride, tile->output_columns, a);
      }
      total[row] += sums[row];
    }
  }
}
