// Activation functions of feed-forward layers.

// The rounding error t² − high, where high is t² rounded. Exact with fused multiply-add; otherwise
// t is split into two halves of 12 bits, whose products are exact.
static inline vec square_error(vec t, vec high) {
#if HAS_FMA
  return __builtin_elementwise_fma(t, t, -high);
#else
  vec upper = as_floats(as_ints(t) & (int32_t)0xFFFFF000), lower = t - upper;
  return (upper * upper - high) + 2 * upper * lower + lower * lower;
#endif
}

// x Φ(x). With t = |x|, Φ(−t) = exp(−t²/2) g(t), where g (a scaled Mills ratio) is smooth: a
// polynomial in u = 1 / (1 + 0.3 t), fitted to a relative error of 4e-9. Nothing cancels: the
// result is within 12 ulp, even if it is tiny.
static inline vec gelu(vec x) {
  // Beyond ±20 the tail is 0. The bound avoids ∞ · 0.
  vec bounded = clamp_min(clamp_max(x, 20), -20), t = absolute(bounded);
  vec square = t * t;
  vec bell = exponential(square * -0.5f);
  bell = bell - bell * (square_error(t, square) * 0.5f);  // · exp(−error / 2), to first order
  vec u = 1 / (t * 0.3f + 1);
  vec g = u * -0.02062532f + 0.1124459f;
  g = g * u - 0.22823843f;
  g = g * u + 0.19181857f;
  g = g * u - 0.07945263f;
  g = g * u + 0.09617289f;
  g = g * u + 0.07838389f;
  g = g * u + 0.1102367f;
  g = g * u + 0.11957166f;
  g = g * u + 0.1196867f;
  vec tail = bounded * (bell * (g * u));
  return x < splat(0) ? tail : x - tail;
}

// x / (1 + exp(−2y)), y = √(2/π) (x + 0.044715 x³).
static inline vec gelu_tanh(vec x) {
  vec bounded = clamp_min(x, -20);
  vec y = 0.79788456f * (bounded + 0.044715f * (bounded * bounded * bounded));
  // exp(−2 |y|) ≤ 1 cannot overflow.
  vec decay = exponential(y > splat(0) ? -2 * y : 2 * y);
  return bounded * (y >= splat(0) ? splat(1) : decay) / (1 + decay);
}

// x / (1 + exp(−x)), computed from exp(−|x|) ≤ 1. Below x = −87 this exponential is denormal, and x
// multiplies its rounding error: the result is off by up to |x| / 2 times the smallest denormal.
static inline vec silu(vec x) {
  // Below −120 the result is 0. The bound avoids −∞ · 0.
  vec bounded = clamp_min(x, -120);
  vec decay = exponential(bounded > splat(0) ? -bounded : bounded);
  return bounded * (bounded >= splat(0) ? splat(1) : decay) / (1 + decay);
}

static inline vec relu(vec x) { return x < splat(0) ? splat(0) : x; }

static void activate(float *x, long n, vector_activation activation) {
  switch (activation) {
  case VECTOR_IDENTITY: break;
  case VECTOR_GELU: MAP_ROW(x, n, v, gelu(v)) break;
  case VECTOR_GELU_TANH: MAP_ROW(x, n, v, gelu_tanh(v)) break;
  case VECTOR_SILU: MAP_ROW(x, n, v, silu(v)) break;
  case VECTOR_RELU: MAP_ROW(x, n, v, relu(v)) break;
  case VECTOR_TANH: MAP_ROW(x, n, v, softcap_of(v, 1)) break;
  }
}
