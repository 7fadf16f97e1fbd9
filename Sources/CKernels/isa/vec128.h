// Vectors of four lanes without intrinsics: partial loads and stores, interleaving, reductions.

static inline vec load_n(const float *p, long n, float fill) {
  vec x = splat(fill);
  for (int i = 0; i < LANES; i++) {
    if (i < n) x[i] = p[i];
  }
  return x;
}

static inline void store_n(float *p, vec x, long n) {
  for (int i = 0; i < LANES; i++) {
    if (i < n) p[i] = x[i];
  }
}

static inline vec interleave_low(vec a, vec b) {
  return __builtin_shufflevector(a, b, 0, 4, 1, 5);
}
static inline vec interleave_high(vec a, vec b) {
  return __builtin_shufflevector(a, b, 2, 6, 3, 7);
}
static inline vec join_low(vec a, vec b) { return __builtin_shufflevector(a, b, 0, 1, 4, 5); }
static inline vec join_high(vec a, vec b) { return __builtin_shufflevector(a, b, 2, 3, 6, 7); }

static inline float reduce_sum(vec x) { return (x[0] + x[1]) + (x[2] + x[3]); }

static inline float reduce_max(vec x) {
  vec pairs = max(x, __builtin_shufflevector(x, x, 2, 3, 0, 1));
  return pairs[0] > pairs[1] ? pairs[0] : pairs[1];
}
