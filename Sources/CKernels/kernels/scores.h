// Changes to a row of attention scores: boolean masks, softcap, ALiBi.

// LANES booleans: 1 for true, 0 for false.
static inline ivec load_bools(const bool *p) {
  typedef uint8_t bytes __attribute__((ext_vector_type(LANES)));
  bytes narrow;
  memcpy(&narrow, p, sizeof narrow);
  return __builtin_convertvector(narrow, ivec);
}

static void hide(float *x, const bool *keep, long n, float value) {
  FOR_ROW(n,
    store(x + i, load_bools(keep + i) != 0 ? load(x + i) : splat(value)),
    bool rest[LANES] = {0};
    memcpy(rest, keep + i, (size_t)left);
    store_n(x + i, load_bools(rest) != 0 ? load_n(x + i, left, 0) : splat(value), left))
}

// c · tanh(x / c), within 5 ulp with fused multiply-add, otherwise within 6. ±c at ±∞, NaN at NaN.
//
// With t = |x| / c, the result is x · tanh(t) / t, and tanh(t) / t ≈ p(t²) / q(t²), fitted on 0 to
// 9.02 to a relative error of 2.1e-8: a third of the error of one rounding. Near 0, x is the only
// factor with a rounding error that matters, so the result is accurate even if x / c is 0. From 9.02
// on, tanh(t) rounds to 1, and the last step limits the result to c.
static inline vec softcap_of(vec x, float cap) {
  vec t = clamp_max(absolute(x / cap), 9.02f), u = t * t;
  vec p = u * 1.3319082e-8f + 2.0583486e-5f;
  p = p * u + 3.4940348e-3f;
  p = p * u + 0.13379718f;
  p = p * u + 1;
  vec q = u * 7.762023e-7f + 3.283093e-4f;
  q = q * u + 2.5871074e-2f;
  q = q * u + 0.46713033f;
  q = q * u + 1;
  return clamp_min(clamp_max(x * (p / q), cap), -cap);
}

static void softcap(float *x, long n, float cap) { MAP_ROW(x, n, v, softcap_of(v, cap)) }

// 1 − tanh²(x / c) = 4 e / (1 + e)², e = exp(−2 |x| / c): nothing cancels where tanh is near ±1.
static inline vec softcap_derivative_of(vec x, float cap) {
  vec e = exponential_of_low(-2 * absolute(x / cap)), sum = 1 + e;
  return 4 * e / (sum * sum);
}

static void multiply_softcap_derivative(float *x, const float *scores, long n, float cap) {
  FOR_ROW(n,
    store(x + i, load(x + i) * softcap_derivative_of(load(scores + i), cap)),
    store_n(x + i, load_n(x + i, left, 0) * softcap_derivative_of(load_n(scores + i, left, 0), cap),
      left))
}

static void subtract_distances(float *x, long n, long start, float slope) {
  // Floats represent all integers up to this one.
  const long exact = 1 << 24;
  if (start < -exact || start > exact - n) {
    for (long i = 0; i < n; i++) {
      const long distance = start + i;
      x[i] -= slope * (float)(distance < 0 ? -distance : distance);
    }
    return;
  }
  vec distance;
  for (int i = 0; i < LANES; i++) distance[i] = (float)(start + i);
  FOR_ROW(n,
    store(x + i, load(x + i) - slope * absolute(distance)); distance += LANES,
    store_n(x + i, load_n(x + i, left, 0) - slope * absolute(distance), left))
}
