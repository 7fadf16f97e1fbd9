// Rows brought to a common scale. Sums run in single precision over LANES partial sums.

static void layer_norm(float *x, long n, const float *gain, const float *bias, float epsilon) {
  lanes sum = all(0), squares = all(0);
  // 1. mean
  FOR_ROW(n, sum += load(x + i), sum += load_some(x + i, left, 0))
  float mean = sum_of(sum) / (float)n;
  // 2. variance: the mean square distance from it; what fills up the last vector has none.
  FOR_ROW(n, lanes d = load(x + i) - mean; squares += d * d,
    lanes d = load_some(x + i, left, mean) - mean; squares += d * d)
  float factor = 1 / __builtin_sqrtf(sum_of(squares) / (float)n + epsilon);
  // 3. (x − mean) · factor · gain + bias
  FOR_ROW(n,
    store(x + i, (load(x + i) - mean) * factor * load(gain + i) + load(bias + i)),
    store_some(x + i, (load_some(x + i, left, 0) - mean) * factor * load_some(gain + i, left, 0)
      + load_some(bias + i, left, 0), left))
}

static void rms_norm(float *x, long n, const float *gain, float epsilon) {
  lanes squares = all(0);
  FOR_ROW(n, lanes v = load(x + i); squares += v * v,
    lanes v = load_some(x + i, left, 0); squares += v * v)
  float factor = 1 / __builtin_sqrtf(sum_of(squares) / (float)n + epsilon);
  FOR_ROW(n, store(x + i, load(x + i) * factor * load(gain + i)),
    store_some(x + i, load_some(x + i, left, 0) * factor * load_some(gain + i, left, 0), left))
}
