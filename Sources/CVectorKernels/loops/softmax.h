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
  for (long row = 0; row < tile->rows; row++) {
    float *scores = tile->scores + row * tile->score_stride;
    float *total = tile->total + row, old = tile->largest[row];
    // 1. m′ = max(m, max S)
    float found = maximum(scores, tile->columns);
    float largest = found > old ? found : old;
    // 2. P = exp(S − m′), Σ P
    float sum = exponentials_of_low(scores, tile->columns, as_shift(largest));
    // 3. What was summed under the old maximum shrinks by a = exp(m − m′); before the first tile
    //    there is nothing.
    if (largest != old && *total != 0) {
      float a = exponential(all(old - largest))[0];
      *total *= a;
      scale(tile->output + row * tile->output_stride, tile->output_columns, a);
    }
    *total += sum;
    tile->largest[row] = largest;
  }
}
