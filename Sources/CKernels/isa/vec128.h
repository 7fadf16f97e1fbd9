// What four lanes do without intrinsics: the first n of them, and exchanges.

static inline lanes load_some(const float *p, long n, float fill) {
  lanes x = all(fill);
  for (int i = 0; i < LANES; i++) {
    if (i < n) x[i] = p[i];
  }
  return x;
}

static inline void store_some(float *p, lanes x, long n) {
  for (int i = 0; i < LANES; i++) {
    if (i < n) p[i] = x[i];
  }
}

// Of four lanes: (a₀ b₀ a₁ b₁), (a₂ b₂ a₃ b₃), (a₀ a₁ b₀ b₁), (a₂ a₃ b₂ b₃).
static inline lanes interleave_low(lanes a, lanes b) {
  return __builtin_shufflevector(a, b, 0, 4, 1, 5);
}
static inline lanes interleave_high(lanes a, lanes b) {
  return __builtin_shufflevector(a, b, 2, 6, 3, 7);
}
static inline lanes pair_low(lanes a, lanes b) { return __builtin_shufflevector(a, b, 0, 1, 4, 5); }
static inline lanes pair_high(lanes a, lanes b) { return __builtin_shufflevector(a, b, 2, 3, 6, 7); }

static inline float sum_of(lanes x) { return (x[0] + x[1]) + (x[2] + x[3]); }

// No lane is NaN.
static inline float largest_of(lanes x) {
  lanes pairs = larger(x, __builtin_shufflevector(x, x, 2, 3, 0, 1));
  return pairs[0] > pairs[1] ? pairs[0] : pairs[1];
}
