// A few queries against many keys, read once from where they lie: bound by memory, not arithmetic.

enum { KEYS_AHEAD = 12 };

// The memory of a key some steps ahead is asked for, since keys of one head lie apart.
static inline void prefetch_row(const float *row, long dimension) {
  for (long i = 0; i < dimension; i += 16) __builtin_prefetch(row + i);
}

static inline float dot(const float *x, const float *y, long n) {
  lanes sums[2] = {all(0), all(0)};
  long i = 0;
  for (; i + 2 * LANES <= n; i += 2 * LANES) {
    sums[0] = load(x + i) * load(y + i) + sums[0];
    sums[1] = load(x + i + LANES) * load(y + i + LANES) + sums[1];
  }
  for (; i < n; i += LANES) {
    long left = n - i < LANES ? n - i : LANES;
    sums[0] = load_some(x + i, left, 0) * load_some(y + i, left, 0) + sums[0];
  }
  return sum_of(sums[0] + sums[1]);
}

static void score_keys(const vector_row_product *p) {
  for (long j = 0; j < p->keys; j++) {
    const float *key = p->keys_base + j * p->key_stride;
    if (j + KEYS_AHEAD < p->keys) prefetch_row(key + KEYS_AHEAD * p->key_stride, p->dimension);
    for (long r = 0; r < p->rows; r++) {
      p->result[r * p->result_stride + j] =
        p->scale * dot(p->rows_base + r * p->row_stride, key, p->dimension);
    }
  }
}

static void mix_values(const vector_row_product *p) {
  for (long j = 0; j < p->keys; j++) {
    const float *value = p->keys_base + j * p->key_stride;
    if (j + KEYS_AHEAD < p->keys) prefetch_row(value + KEYS_AHEAD * p->key_stride, p->dimension);
    for (long r = 0; r < p->rows; r++) {
      lanes weight = all(p->rows_base[r * p->row_stride + j]);
      float *output = p->result + r * p->result_stride;
      FOR_ROW(p->dimension, store(output + i, weight * load(value + i) + load(output + i)),
        store_some(output + i,
          weight * load_some(value + i, left, 0) + load_some(output + i, left, 0), left))
    }
  }
}
