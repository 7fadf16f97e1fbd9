// A few queries against many keys, read once from where they lie: bound by memory, not arithmetic.
//
// Keys are taken four at a time, so that their sums do not wait for one another, and of each all heads
// before the next: memory is read in the order in which it lies, and what comes is asked for early.

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

// How many scalars further those stand that are asked for while a key, or a value, is read.
typedef struct { long near, far; } distances;

static inline distances distances_of(const vector_row_product *p) {
  const long bytes = p->heads * p->dimension * (long)sizeof(float);
  if (bytes == 0) return (distances){0, 0};
  return (distances){
    (NEAR_AHEAD / bytes + 4) * p->key_stride, (FAR_AHEAD / bytes + 4) * p->key_stride};
}

// Vectors j to j + 3 of the first head; beyond the last, the last again.
static inline void four_vectors(
    const vector_row_product *p, long j, distances ahead, const float *vectors[4]) {
  for (long i = 0; i < 4; i++) {
    vectors[i] = p->keys_base + (j + i < p->keys ? j + i : p->keys - 1) * p->key_stride;
    for (long c = 0; c < p->heads * p->dimension; c += 16) {
      __builtin_prefetch(vectors[i] + ahead.far + c, 0, 2);
      __builtin_prefetch(vectors[i] + ahead.near + c);
    }
  }
}

// The same of the next head.
static inline void next_head(const vector_row_product *p, const float *vectors[4]) {
  for (int i = 0; i < 4; i++) vectors[i] += p->dimension;
}

static void score_keys(const vector_row_product *p) {
  const long group = p->rows / p->heads;
  const distances ahead = distances_of(p);
  for (long j = 0; j < p->keys; j += 4) {
    const long count = p->keys - j < 4 ? p->keys - j : 4;
    const float *keys[4];
    four_vectors(p, j, ahead, keys);
    for (long r = 0; r < p->rows; r++) {
      if (r > 0 && r % group == 0) next_head(p, keys);
      float dots[4];
      four_dots(p->rows_base + r * p->row_stride, keys, p->dimension, dots);
      for (long i = 0; i < count; i++) p->result[r * p->result_stride + j + i] = p->scale * dots[i];
    }
  }
}

static void mix_values(const vector_row_product *p) {
  const long group = p->rows / p->heads;
  const distances ahead = distances_of(p);
  for (long j = 0; j < p->keys; j += 4) {
    const float *values[4];
    four_vectors(p, j, ahead, values);
    for (long r = 0; r < p->rows; r++) {
      if (r > 0 && r % group == 0) next_head(p, values);
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
