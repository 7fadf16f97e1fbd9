// A few queries against many keys or values of a cache: limited by memory, not by arithmetic.
//
// Four keys are read at a time, because consecutive sums of a single key depend on each other. All
// heads of these keys are read before the next keys, in memory order, and the following keys are
// prefetched.

// The sums of the lanes of four vectors.
static inline void reduce_four_sums(vec a, vec b, vec c, vec d, float *sums) {
  // In each block of four lanes: a₀ + a₂, b₀ + b₂, a₁ + a₃, b₁ + b₃, then a, b, c, d.
  vec ab = interleave_low(a, b) + interleave_high(a, b);
  vec cd = interleave_low(c, d) + interleave_high(c, d);
  vec abcd = join_low(ab, cd) + join_high(ab, cd);
  for (int key = 0; key < 4; key++) {
    float sum = 0;
    for (int i = 0; i < LANES; i += 4) sum += abcd[i + key];
    sums[key] = sum;
  }
}

// Σ x y for four rows y.
static inline void four_dots(const float *x, const float *const y[4], long n, float *dots) {
  vec sums[4] = {splat(0), splat(0), splat(0), splat(0)};
  FOR_ROW(n,
    vec factor = load(x + i);
    for (int key = 0; key < 4; key++) sums[key] = factor * load(y[key] + i) + sums[key],
    vec factor = load_n(x + i, left, 0);
    for (int key = 0; key < 4; key++) {
      sums[key] = factor * load_n(y[key] + i, left, 0) + sums[key];
    })
  reduce_four_sums(sums[0], sums[1], sums[2], sums[3], dots);
}

// Prefetch distances in floats, ahead of the key or value being read.
typedef struct { long l1, l2; } prefetch_distances;

static inline prefetch_distances distances_of(const vector_cache_product *p) {
  const long bytes = p->heads * p->dimension * (long)sizeof(float);
  if (bytes == 0) return (prefetch_distances){0, 0};
  return (prefetch_distances){
    (PREFETCH_L1 / bytes + 4) * p->cache_stride, (PREFETCH_L2 / bytes + 4) * p->cache_stride};
}

// Keys, or values, j to j + 3 of head 0. Beyond the last key, repeats the last key.
static inline void four_keys(
    const vector_cache_product *p, long j, prefetch_distances ahead, const float *keys[4]) {
  for (long i = 0; i < 4; i++) {
    keys[i] = p->cache + (j + i < p->keys ? j + i : p->keys - 1) * p->cache_stride;
    for (long c = 0; c < p->heads * p->dimension; c += 16) {
      __builtin_prefetch(keys[i] + ahead.l2 + c, 0, 2);
      __builtin_prefetch(keys[i] + ahead.l1 + c);
    }
  }
}

static inline void next_head(const vector_cache_product *p, const float *keys[4]) {
  for (int i = 0; i < 4; i++) keys[i] += p->dimension;
}

static void score_keys(const vector_cache_product *p) {
  const long rows_per_head = p->rows / p->heads;
  const prefetch_distances ahead = distances_of(p);
  for (long j = 0; j < p->keys; j += 4) {
    const long count = p->keys - j < 4 ? p->keys - j : 4;
    const float *keys[4];
    four_keys(p, j, ahead, keys);
    for (long r = 0; r < p->rows; r++) {
      if (r > 0 && r % rows_per_head == 0) next_head(p, keys);
      float dots[4];
      four_dots(p->inputs + r * p->input_stride, keys, p->dimension, dots);
      for (long i = 0; i < count; i++) p->result[r * p->result_stride + j + i] = p->scale * dots[i];
    }
  }
}

static void add_weighted_values(const vector_cache_product *p) {
  const long rows_per_head = p->rows / p->heads;
  const prefetch_distances ahead = distances_of(p);
  for (long j = 0; j < p->keys; j += 4) {
    const float *values[4];
    four_keys(p, j, ahead, values);
    for (long r = 0; r < p->rows; r++) {
      if (r > 0 && r % rows_per_head == 0) next_head(p, values);
      float *output = p->result + r * p->result_stride;
      const float *probabilities = p->inputs + r * p->input_stride + j;
      if (p->keys - j >= 4) {
        FOR_ROW(p->dimension,
          vec sum = load(output + i);
          for (int key = 0; key < 4; key++) sum = probabilities[key] * load(values[key] + i) + sum;
          store(output + i, sum),
          vec sum = load_n(output + i, left, 0);
          for (int key = 0; key < 4; key++) {
            sum = probabilities[key] * load_n(values[key] + i, left, 0) + sum;
          }
          store_n(output + i, sum, left))
      } else {
        for (long key = 0; key < p->keys - j; key++) {
          FOR_ROW(p->dimension,
            store(output + i, probabilities[key] * load(values[key] + i) + load(output + i)),
            store_n(output + i,
              probabilities[key] * load_n(values[key] + i, left, 0) + load_n(output + i, left, 0),
              left))
        }
      }
    }
  }
}
