// Layer norm and RMS norm. Sums are float32, in LANES partial sums.

static void layer_norm(float *x, long n, const float *weight, const float *bias, float epsilon) {
  vec sum = splat(0), squares = splat(0);
  // 1. mean
  FOR_ROW(n, sum += load(x + i), sum += load_n(x + i, left, 0))
  float mean = reduce_sum(sum) / (float)n;
  // 2. variance: the mean of (x − mean)². The last vector is filled with the mean, which adds 0.
  FOR_ROW(n, vec d = load(x + i) - mean; squares += d * d,
    vec d = load_n(x + i, left, mean) - mean; squares += d * d)
  float factor = 1 / __builtin_sqrtf(reduce_sum(squares) / (float)n + epsilon);
  // 3. (x − mean) · factor · weight + bias
  FOR_ROW(n,
    store(x + i, (load(x + i) - mean) * factor * load(weight + i) + load(bias + i)),
    store_n(x + i, (load_n(x + i, left, 0) - mean) * factor * load_n(weight + i, left, 0)
      + load_n(bias + i, left, 0), left))
}

static void rms_norm(float *x, long n, const float *weight, float epsilon) {
  vec squares = splat(0);
  FOR_ROW(n, vec v = load(x + i); squares += v * v,
    vec v = load_n(x + i, left, 0); squares += v * v)
  float factor = 1 / __builtin_sqrtf(reduce_sum(squares) / (float)n + epsilon);
  FOR_ROW(n, store(x + i, load(x + i) * factor * load(weight + i)),
    store_n(x + i, load_n(x + i, left, 0) * factor * load_n(weight + i, left, 0), left))
}
