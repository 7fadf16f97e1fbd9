// Products of up to GEMV_ROWS rows with a panel: limited by memory, not by arithmetic. Reads the
// panel once, from its first byte to its last, and prefetches ahead.

enum { PANEL_VECTORS = WIDTH / LANES };

// The number of panel rows with separate sums: enough for at least GEMV_ACCUMULATORS sums.
#define GEMV_STEPS(rows) \
  ((GEMV_ACCUMULATORS + (rows) * PANEL_VECTORS - 1) / ((rows) * PANEL_VECTORS))
enum { MAX_GEMV_STEPS = GEMV_STEPS(1) };

// `format` and `rows` are compile-time constants. The sums of a group of panel rows are multiplied
// by the group's scales and added to the totals.
INLINE void gemv(
    const vector_weight_format format, const int rows, const vector_panel_product *p,
    const char *panel, const float *scales, destination to) {
  const int steps = GEMV_STEPS(rows);
  const long row_bytes = byte_count(format, WIDTH);
  const bool is_scaled = format_is_scaled[format];
  const long group = is_scaled ? p->group : p->k;
  vec totals[GEMV_ROWS * PANEL_VECTORS];
#pragma unroll
  for (int i = 0; i < rows * PANEL_VECTORS; i++) totals[i] = splat(0);
  for (long first = 0; first < p->k; first += group) {
    const long end = p->k - first < group ? p->k : first + group;
    vec sums[MAX_GEMV_STEPS][GEMV_ROWS * PANEL_VECTORS];
#pragma unroll
    for (int s = 0; s < steps; s++) {
#pragma unroll
      for (int i = 0; i < rows * PANEL_VECTORS; i++) sums[s][i] = splat(0);
    }
    long i = first;
    for (; i + steps <= end; i += steps, panel += steps * row_bytes) {
      prefetch_beyond(panel, steps * row_bytes);
#pragma unroll
      for (int s = 0; s < steps; s++) {
#pragma unroll
        for (int v = 0; v < PANEL_VECTORS; v++) {
          vec b = load_weights(format, weight_at(format, panel, s * WIDTH + v * LANES));
#pragma unroll
          for (int r = 0; r < rows; r++) {
            vec *sum = &sums[s][r * PANEL_VECTORS + v];
            *sum = splat(p->a[r * p->a_stride + i + s]) * b + *sum;
          }
        }
      }
    }
    for (; i < end; i++, panel += row_bytes) {
#pragma unroll
      for (int v = 0; v < PANEL_VECTORS; v++) {
        vec b = load_weights(format, weight_at(format, panel, v * LANES));
#pragma unroll
        for (int r = 0; r < rows; r++) {
          vec *sum = &sums[0][r * PANEL_VECTORS + v];
          *sum = splat(p->a[r * p->a_stride + i]) * b + *sum;
        }
      }
    }
#pragma unroll
    for (int s = 1; s < steps; s++) {
#pragma unroll
      for (int j = 0; j < rows * PANEL_VECTORS; j++) sums[0][j] += sums[s][j];
    }
#pragma unroll
    for (int j = 0; j < rows * PANEL_VECTORS; j++) {
      totals[j] = is_scaled
        ? sums[0][j] * load(scales + j % PANEL_VECTORS * LANES) + totals[j]
        : totals[j] + sums[0][j];
    }
    if (is_scaled) scales += WIDTH;  // otherwise a null pointer
  }
  write_tile(rows, PANEL_VECTORS, totals, to);
}

INLINE void gemv_panel(
    const vector_weight_format format, const vector_panel_product *p, const char *panel,
    const float *scales, destination to) {
  switch (p->m) {
#define CASE(R) case R: gemv(format, R, p, panel, scales, to); break;
    UP_TO(GEMV_ROWS, CASE)
#undef CASE
  }
}
