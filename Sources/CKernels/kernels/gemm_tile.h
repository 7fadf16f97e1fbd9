// One tile of C: up to TILE_ROWS rows by TILE_VECTORS vectors of columns, summed in registers.

#include "repeat.h"

enum { TILE_COLUMNS = TILE_VECTORS * LANES };

// Where a tile's sums go: C ← factors ∘ sums + bias, or C ← C + factors ∘ sums + bias if `adds`.
typedef struct {
  float *c;              // the tile's first element
  long stride;
  long columns;          // columns of C from c on, possibly fewer than the tile has
  bool adds;
  const float *factors;  // [WIDTH], for every row
  const float *bias;     // [WIDTH], for every row
} destination;

// Writes sums [rows, vectors].
INLINE void write_tile(
    const int rows, const int vectors, const vec *sums, destination to) {
  if (to.columns >= vectors * LANES) {
#pragma unroll
    for (int r = 0; r < rows; r++) {
#pragma unroll
      for (int v = 0; v < vectors; v++) {
        float *c = to.c + r * to.stride + v * LANES;
        vec addend = load(to.bias + v * LANES);
        if (to.adds) addend += load(c);
        store(c, sums[r * vectors + v] * load(to.factors + v * LANES) + addend);
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
          vec addend = load(to.bias + v * LANES);
          if (to.adds) addend += load_n(c, left, 0);
          store_n(c, sums[r * vectors + v] * load(to.factors + v * LANES) + addend, left);
        }
      }
    }
  }
}

// The memory that will be read next. For each panel row that it reads, a tile prefetches `step`
// bytes, 0 to 128.
typedef struct {
  const char *next;
  long step;
} prefetch;

// Sums over `depth` rows of a panel. `format` and `rows` are compile-time constants, so that the
// sums are in registers.
INLINE void gemm_tile(
    const vector_weight_format format, const int rows, long depth, const float *a, long a_stride,
    const char *panel, prefetch ahead, destination to) {
  vec sums[TILE_ROWS][TILE_VECTORS];
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++) sums[r][v] = splat(0);
    // C is written at the end: prefetch it now.
#pragma unroll
    for (int v = 0; v < TILE_COLUMNS; v += 16) __builtin_prefetch(to.c + r * to.stride + v, 1);
  }
  for (long i = 0; i < depth; i++) {
    vec b[TILE_VECTORS];
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++) {
      b[v] = load_weights(format, weight_at(format, panel, v * LANES));
    }
    __builtin_prefetch(ahead.next, 0, 2);
    if (ahead.step > 64) __builtin_prefetch(ahead.next + 64, 0, 2);
#pragma unroll
    for (int v = 0; v < byte_count(format, TILE_COLUMNS); v += 64) {
      __builtin_prefetch(panel + PREFETCH_L1 + v);
    }
    panel += byte_count(format, WIDTH);
    ahead.next += ahead.step;
#pragma unroll
    for (int r = 0; r < rows; r++) {
      vec factor = splat(a[r * a_stride]);
#pragma unroll
      for (int v = 0; v < TILE_VECTORS; v++) sums[r][v] = factor * b[v] + sums[r][v];
    }
    // Moving the pointer instead of an index doubles the speed of some tile heights on Zen 5.
    a++;
  }
  write_tile(rows, TILE_VECTORS, &sums[0][0], to);
}

// A tile of 1 to TILE_ROWS rows: gemm_tile_NAME, for each weight format.
typedef void gemm_tile_function(
    long rows, long depth, const float *a, long a_stride, const char *panel, prefetch ahead,
    destination to);

INLINE void gemm_tile_rows(
    const vector_weight_format format, long rows, long depth, const float *a, long a_stride,
    const char *panel, prefetch ahead, destination to) {
  switch (rows) {
#define CASE(R) case R: gemm_tile(format, R, depth, a, a_stride, panel, ahead, to); break;
    UP_TO(TILE_ROWS, CASE)
#undef CASE
  }
}

#define GEMM_TILE(NAME, CONSTANT, ...)                                                            \
  static void gemm_tile_##NAME(                                                                   \
      long rows, long depth, const float *a, long a_stride, const char *panel, prefetch ahead,    \
      destination to) {                                                                           \
    gemm_tile_rows(CONSTANT, rows, depth, a, a_stride, panel, ahead, to);                         \
  }
VECTOR_WEIGHT_FORMATS(GEMM_TILE)
#undef GEMM_TILE
