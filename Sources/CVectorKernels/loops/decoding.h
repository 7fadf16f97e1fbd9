// A few queries against many keys, read once from where they lie: bound by memory, not arithmetic.
//
// Keys are taken four at a time, so that their sums do not wait for one another. Those of other heads lie
// between them, so that the processor does not see the next ones coming: they are asked for early.

enum { KEYS_AHEAD = 24 };

// The sums of four vectors, side by side.
static inline void sums_of_four(lanes a, lanes b, lanes c, lanes d, float *sums) {
  // Within each four lanes: a₀ + a₂, b₀ + b₂, a₁ + a₃, b₁ + b₃, then a, b, c, d.
  lanes ab = interleave_low(a, b) + interleave_high(a, b);
  lanes cd = interleave_low(c, d) + interleave_high(c, d);
  lanes abcd = pair_low(ab, cd) + pair_high(ab, cd);
  for (int key = 0; key < 4; key++) {
    float sum = 0;
    for (int i = 0; i < LANES; i += 4) sum += abcd[i + key];
    sums[key] = sum;
  }
}

// Σ x y for four rows y, of which the last ones may be the same.
static inline void four_dots(const float *x, const float *const y[4], long n, float *dots) {
  lanes sums[4] = {all(0), all(0), all(0), all(0)};
  FOR_ROW(n,
    lanes factor = load(x + i);
    for (int key = 0; key < 4; key++) sums[key] = factor * load(y[key] + i) + sums[key],
    lanes factor = load_some(x + i, left, 0);
    for (int key = 0; key < 4; key++) {
      sums[key] = factor * load_some(y[key] + i, left, 0) + sums[key];
    })
  sums_of_four(sums[0], sums[1], sums[2], sums[3], dots);
}

// Rows j to j + 3; beyond the last, the last again.
static inline void four_rows(const vector_row_product *p, long j, const float *rows[4]) {
  for (long i = 0; i < 4; i++) {
    rows[i] = p->keys_base + (j + i < p->keys ? j + i : p->keys - 1) * p->key_stride;
    const float *ahead = rows[i] + KEYS_AHEAD * p->key_stride;
    for (long c = 0; c < p->dimension; c += 16) __builtin_prefetch(ahead + c);
  }
}

static void score_keys(const vector_row_product *p) {
  for (long j = 0; j < p->keys; j += 4) {
    const long count = p->keys - j < 4 ? p->keys - j : 4;
    const float *keys[4];
    four_rows(p, j, keys);
    for (long r = 0; r < p->rows; r++) {
      float dots[4];
      four_dots(p->rows_base + r * p->row_stride, keys, p->dimension, dots);
      for (long i = 0; i < count; i++) p->result[r * p->result_stride + j + i] = p->scale * dots[i];
    }
  }
}

static void mix_values(const vector_row_product *p) {
  for (long j = 0; j < p->keys; j += 4) {
    const float *values[4];
    four_rows(p, j, values);
    for (long r = 0; r < p->rows; r++) {
      float *output = p->result + r * p->result_stride;
      const float *weights = p->rows_base + r * p->row_stride + j;
      if (p->keys - j >= 4) {
        FOR_ROW(p->dimension,
          lanes sum = load(output + i);
          for (int key = 0; key < 4; key++) sum = weights[key] * load(values[key] + i) + sum;
          store(output + i, sum),
          lanes sum = load_some(output + i, left, 0);
          for (int key = 0; key < 4; key++) {
            sum = weights[key] * load_some(values[key] + i, left, 0) + sum;
          }
          store_some(output + i, sum, left))
      } else {
        for (long key = 0; key < p->keys - j; key++) {
          FOR_ROW(p->dimension,
            store(output + i, weights[key] * load(values[key] + i) + load(output + i)),
            store_some(output + i,
              weights[key] * load_some(values[key] + i, left, 0) + load_some(output + i, left, 0),
              left))
        }
      }
    }
  }
}
