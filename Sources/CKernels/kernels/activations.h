// The functions inside feed-forward layers.

// t² − high, where high is t² rounded: exact with fused multiply-add, by halves of 12 bits without.
static inline lanes rest_of_square(lanes t, lanes high) {
#if HAS_FMA
  return __builtin_elementwise_fma(t, t, -high);
#else
  lanes upper = lanes_of(bits_of(t) & (int32_t)0xFFFFF000), lower = t - upper;
  return (upper * upper - high) + 2 * upper * lower + lower * lower;
#endif
}

// x Φ(x). With t = |x|, Φ(−t) = exp(−t²/2) g(t), where g (a scaled Mills ratio) is smooth: a polynomial
// in u = 1 / (1 + 0.3 t), fitted to 4e-9 relative. Nothing cancels, so that the result is within 12 ulp
// even far out where it is tiny.
static inline lanes gelu(lanes x) {
  // Beyond ±20 the tail is 0; the bound keeps ∞ · 0 away.
  lanes bounded = at_least(at_most(x, 20), -20), t = magnitude(bounded);
  lanes square = t * t;
  lanes bell = exponential(square * -0.5f);
  bell = bell - bell * (rest_of_square(t, square) * 0.5f);  // exp(−rest/2), rest being tiny
  lanes u = 1 / (t * 0.3f + 1);
  lanes g = u * -0.02062532f + 0.1124459f;
  g = g * u - 0.22823843f;
  g = g * u + 0.19181857f;
  g = g * u - 0.07945263f;
  g = g * u + 0.09617289f;
  g = g * u + 0.07838389f;
  g = g * u + 0.1102367f;
  g = g * u + 0.11957166f;
  g = g * u + 0.1196867f;
  lanes tail = bounded * (bell * (g * u));
  return x < all(0) ? tail : x - tail;
}

// x / (1 + exp(−2y)), y = √(2/π) (x + 0.044715 x³).
static inline lanes gelu_tanh(lanes x) {
  lanes bounded = at_least(x, -20);
  lanes y = 0.79788456f * (bounded + 0.044715f * (bounded * bounded * bounded));
  // Of exp(2y) and its inverse the one below 1, so that it cannot overflow before the result is 0.
  lanes decay = exponential(y > all(0) ? -2 * y : 2 * y);
  return bounded * (y >= all(0) ? all(1) : decay) / (1 + decay);
}

// x / (1 + exp(−x)), by the exponential that is at most 1. Below −87 that is denormal, and x multiplies
// what it lost: up to |x| / 2 of the smallest number.
static inline lanes silu(lanes x) {
  // Far out the result is 0, where −∞ · 0 would be NaN.
  lanes bounded = at_least(x, -120);
  lanes decay = exponential(bounded > all(0) ? -bounded : bounded);
  return bounded * (bounded >= all(0) ? all(1) : decay) / (1 + decay);
}

static inline lanes relu(lanes x) { return x < all(0) ? all(0) : x; }

static void activate(float *x, long n, vector_activation activation) {
  switch (activation) {
  case VECTOR_IDENTITY: break;
  case VECTOR_GELU: MAP_ROW(x, n, v, gelu(v)) break;
  case VECTOR_GELU_TANH: MAP_ROW(x, n, v, gelu_tanh(v)) break;
  case VECTOR_SILU: MAP_ROW(x, n, v, silu(v)) break;
  case VECTOR_RELU: MAP_ROW(x, n, v, relu(v)) break;
  }
}
