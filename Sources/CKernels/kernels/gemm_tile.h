// A tile of C, up to TILE_ROWS rows by TILE_VECTORS vectors, is summed up in registers.

enum { TILE_COLUMNS = TILE_VECTORS * LANES };

// What a tile does with its sums: C ← factors · sums + bias, or that added to C.
typedef struct {
  float *c;
  long stride;
  long columns;          // how many of the tile's columns C has
  bool adds;             // to C, instead of replacing it
  const float *factors;  // of every row's sums, WIDTH scalars
  const float *bias;     // added to every row, WIDTH scalars
} destination;

// C gets `rows` rows of `vectors` vectors of sums.
static inline __attribute__((always_inline)) void put(
    const int rows, const int vectors, const lanes *sums, destination to) {
  if (to.columns >= vectors * LANES) {
#pragma unroll
    for (int r = 0; r < rows; r++) {
#pragma unroll
      for (int v = 0; v < vectors; v++) {
        float *c = to.c + r * to.stride + v * LANES;
        lanes kept = load(to.bias + v * LANES);
        if (to.adds) kept += load(c);
        store(c, sums[r * vectors + v] * load(to.factors + v * LANES) + kept);
      }
    }
  } else {
#pragma unroll
    for (int r = 0; r < rows; r++) {
#pragma unroll
      for (int v = 0; v < vectors; v++) {
        const long left = to.columns - v * LANES < LANES ? to.columns - v * LANES : LANES;
        if (left > 0) {
          float *c = to.c + r * to.stride + v * LANES;
          lanes kept = load(to.bias + v * LANES);
          if (to.adds) kept += load_some(c, left, 0);
          store_some(c, sums[r * vectors + v] * load(to.factors + v * LANES) + kept, left);
        }
      }
    }
  }
}

// What will be read next, to be asked for meanwhile: `step` bytes, 0 to 128, for each row of the panel.
typedef struct {
  const char *first;
  long step;
} upcoming;

// Sums over `depth` rows of the panel. `element` and `rows` are constants wherever this is inlined, so
// that the sums live in registers.
static inline __attribute__((always_inline)) void tile(
    const vector_element element, const int rows, long depth, const float *a, long a_stride,
    const char *panel, upcoming next, destination to) {
  lanes sums[TILE_ROWS][TILE_VECTORS];
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++) sums[r][v] = all(0);
    // Where the sums will go is asked for now, to be there when they are ready.
#pragma unroll
    for (int v = 0; v < TILE_COLUMNS; v += 16) __builtin_prefetch(to.c + r * to.stride + v, 1);
  }
  for (long i = 0; i < depth; i++) {
    lanes b[TILE_VECTORS];
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++) {
      b[v] = widened(element, at(element, panel, v * LANES));
    }
    __builtin_prefetch(next.first, 0, 2);
    if (next.step > 64) __builtin_prefetch(next.first + 64, 0, 2);
#pragma unroll
    for (int v = 0; v < TILE_COLUMNS * byte_count(element); v += 64) {
      __builtin_prefetch(panel + NEAR_AHEAD + v);
    }
    panel += WIDTH * byte_count(element);
    next.first += next.step;
#pragma unroll
    for (int r = 0; r < rows; r++) {
      lanes factor = all(a[r * a_stride]);
#pragma unroll
      for (int v = 0; v < TILE_VECTORS; v++) sums[r][v] = factor * b[v] + sums[r][v];
    }
    // Moving the pointer, rather than an index, doubles the speed of some numbers of rows on Zen 5.
    a++;
  }
  put(rows, TILE_VECTORS, &sums[0][0], to);
}

static inline __attribute__((always_inline)) void tile_of_rows(
    const vector_element element, long rows, long depth, const float *a, long a_stride,
    const char *panel, upcoming next, destination to) {
  switch (rows) {
#define CASE(R) case R: tile(element, R, depth, a, a_stride, panel, next, to); break;
    CASE(1) CASE(2) CASE(3) CASE(4)
#if TILE_ROWS > 4
    CASE(5) CASE(6)
#endif
#if TILE_ROWS > 6
    CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
#endif
#undef CASE
  }
}

static void tile_of(
    vector_element element, long rows, long depth, const float *a, long a_stride,
    const char *panel, upcoming next, destination to) {
  switch (element) {
#define CASE(E) case E: tile_of_rows(E, rows, depth, a, a_stride, panel, next, to); break;
    CASE(VECTOR_FLOAT32) CASE(VECTOR_BFLOAT16) CASE(VECTOR_FLOAT16) CASE(VECTOR_INT8)
#undef CASE
  }
}
