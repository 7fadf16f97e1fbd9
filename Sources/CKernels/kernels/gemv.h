// Few rows against a panel, over all of its width and depth at once: bound by memory, not arithmetic.
// The panel is read once, from its first byte to its last, and what comes after it is asked for early.

enum { PANEL_VECTORS = WIDTH / LANES };

// As many sums side by side, 8 at least, as keep the processor from waiting for one of them.
#define STEPS(rows) ((8 + (rows) * PANEL_VECTORS - 1) / ((rows) * PANEL_VECTORS))
enum { MOST_STEPS = STEPS(1) };

// `element` and `rows` are constants wherever this is inlined. Of each group of the panel's rows, the
// sums are multiplied by the group's scales.
static inline __attribute__((always_inline)) void stream(
    const vector_element element, const int rows, const vector_panel_product *p, const char *panel,
    const float *scales, destination to) {
  const int steps = STEPS(rows);
  const long group = element == VECTOR_INT8 ? p->group : p->k;
  lanes totals[STREAM_ROWS * PANEL_VECTORS];
#pragma unroll
  for (int i = 0; i < rows * PANEL_VECTORS; i++) totals[i] = all(0);
  for (long first = 0; first < p->k; first += group, scales += WIDTH) {
    const long end = p->k - first < group ? p->k : first + group;
    lanes sums[MOST_STEPS][STREAM_ROWS * PANEL_VECTORS];
#pragma unroll
    for (int s = 0; s < steps; s++) {
#pragma unroll
      for (int i = 0; i < rows * PANEL_VECTORS; i++) sums[s][i] = all(0);
    }
    long i = first;
    for (; i + steps <= end; i += steps, panel += steps * WIDTH * byte_count(element)) {
      ask_beyond(panel, steps * WIDTH * byte_count(element));
#pragma unroll
      for (int s = 0; s < steps; s++) {
#pragma unroll
        for (int v = 0; v < PANEL_VECTORS; v++) {
          lanes b = widened(element, at(element, panel, s * WIDTH + v * LANES));
#pragma unroll
          for (int r = 0; r < rows; r++) {
            lanes *sum = &sums[s][r * PANEL_VECTORS + v];
            *sum = all(p->a[r * p->a_stride + i + s]) * b + *sum;
          }
        }
      }
    }
    for (; i < end; i++, panel += WIDTH * byte_count(element)) {
#pragma unroll
      for (int v = 0; v < PANEL_VECTORS; v++) {
        lanes b = widened(element, at(element, panel, v * LANES));
#pragma unroll
        for (int r = 0; r < rows; r++) {
          lanes *sum = &sums[0][r * PANEL_VECTORS + v];
          *sum = all(p->a[r * p->a_stride + i]) * b + *sum;
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
      totals[j] = element == VECTOR_INT8
        ? sums[0][j] * load(scales + j % PANEL_VECTORS * LANES) + totals[j]
        : totals[j] + sums[0][j];
    }
  }
  put(rows, PANEL_VECTORS, totals, to);
}

static inline __attribute__((always_inline)) void stream_rows(
    const vector_element element, const vector_panel_product *p, const char *panel,
    const float *scales, destination to) {
  switch (p->m) {
#define CASE(R) case R: stream(element, R, p, panel, scales, to); break;
    CASE(1)
#if STREAM_ROWS > 1
    CASE(2)
#endif
#if STREAM_ROWS > 2
    CASE(3) CASE(4)
#endif
#undef CASE
  }
}

static void stream_panel(
    const vector_panel_product *p, const char *panel, const float *scales, destination to) {
  switch (p->element) {
#define CASE(E) case E: stream_rows(E, p, panel, scales, to); break;
    CASE(VECTOR_FLOAT32) CASE(VECTOR_BFLOAT16) CASE(VECTOR_FLOAT16) CASE(VECTOR_INT8)
#undef CASE
  }
}
