// Every tuned constant of the C kernels, except the panel width and the input group size: Swift
// relies on these two, so they are in include/CKernels.h.
//
// "Measured" means: in thread CPU time, on one core of an AMD EPYC (Zen 4: AVX-512, 32 KiB L1 data
// cache, 1 MiB L2) in a machine shared with other work, with weights of 768 × 768 unless a shape is
// given. Figures are speeds relative to the value chosen here: 0.95 is 5 % slower. On shared
// machines differences below 3 % mean nothing.

#ifndef TUNING_H
#define TUNING_H

// Tiles -------------------------------------------------------------------------------------------
//
// TILE_ROWS × TILE_VECTORS: rows, and vectors of columns, of a tile of C that is summed in
//   registers. Larger tiles read fewer weights and inputs per multiplication, until the registers
//   are full. TILE_VECTORS vectors divide a panel's 32 columns; TILE_ROWS is at most 16.
// GEMV_ROWS: rows of A up to which a panel is read once at its full width (gemv.h) instead of in
//   tiles (gemm.h). Reads memory faster, as long as the sums, rows × 32, fit into the registers.
// BFLOAT16_DOT_ROWS, INT8_DOT_ROWS: rows of a dot product tile, which has 2 vectors of columns. At
// most 16.
//
// TILE_ROWS is also the unit in which Swift divides rows among threads.

#if defined(ISA_AVX512)  // 32 registers

// 14 × 2 sums, 2 vectors of weights, 1 of A: 31 registers. Measured, float32, 48 / 168 rows: 6 rows
// 0.99 / 1.00, 8 rows 0.99 / 1.01, 10 rows 0.99 / 1.01, 12 rows 1.01 / 1.00, 13 rows 0.99 / 1.01:
// no difference here, while the largest tile needs the least cache bandwidth.
#define TILE_ROWS 14
#define TILE_VECTORS 2

// 4 × 2 sums, two panel rows apart. Measured for products of 4 rows, float32 / bfloat16 / float16:
// up to 1, 2 or 3 rows 0.97 / 0.98 / 0.96, up to 6 rows 1.00 / 1.00 / 1.01.
#define GEMV_ROWS 4

// 14 × 2 sums, as float32. Measured, 28 / 168 rows: 8 rows 1.01 / 1.02, 12 rows 1.01 / 1.00.
#define BFLOAT16_DOT_ROWS 14

// 7 × 2 sums of integers and 7 × 2 totals of floats, 2 vectors of weights, 1 of A. Measured, 28 /
// 168 rows: 4 rows 1.07 / 1.04, 6 rows 0.97 / 0.99, 8 rows 1.02 / 1.01. Kept at 7 until 4 is
// measured on Intel too.
#define INT8_DOT_ROWS 7

#elif defined(ISA_AVX2)  // 16 registers

// 6 × 2 sums, 2 vectors of weights, 1 of A: 15 registers. Measured, float32, 60 / 120 rows: 4 rows
// 0.93 / 0.92, 5 rows 0.95 / 0.94.
#define TILE_ROWS 6
#define TILE_VECTORS 2

// 2 × 4 sums. Measured for products of 2 rows, float32 / bfloat16 / float16: up to 1 row 0.77 /
// 0.71 / 0.59. Of 3 rows: up to 3 rows 1.38 / 0.55 / 0.55; of 4 rows: up to 4 rows 0.70 / 0.68 /
// 0.65.
#define GEMV_ROWS 2

#elif defined(ISA_NEON)  // 32 registers

// 6 × 4 sums, 4 vectors of weights, 1 of A: 29 registers. Not measured; chosen by the number of
// registers.
#define TILE_ROWS 6
#define TILE_VECTORS 4

// 2 × 8 sums. Not measured; chosen by the number of registers.
#define GEMV_ROWS 2

#elif defined(ISA_GENERIC)  // 16 registers on x86-64

// 4 × 2 sums, 2 vectors of weights, 1 of A, 1 product: 12 registers, without fused multiply-add.
#define TILE_ROWS 4
#define TILE_VECTORS 2

// 1 × 8 sums. Not measured; chosen by the number of registers.
#define GEMV_ROWS 1

#endif

// Products with panels ----------------------------------------------------------------------------

enum {
  // Panel rows of a K-block, which all M-tiles read before the next block. In float32 a block is 32
  // KiB, the size of the L1 cache. Smaller blocks add to C more often, larger blocks exceed the L1
  // cache. K_BLOCK determines the order of sums, so another value changes the last bits of results.
  // Measured, 128 rows of 1536 × 384, float32 / int8: 64 rows 0.93 / 0.90, 128 rows 0.98 / 0.96,
  // 512 rows 1.03 / 1.02, 1024 rows 1.03 / 1.02; int8 dot products 0.89, 0.86, 1.02, 1.03.
  K_BLOCK = 256,

  // The number of M-tiles up to which each tile converts narrow weights to floats in registers.
  // With more, each K-block is converted once, into the L1 cache. Measured, 112 rows (8 tiles),
  // bfloat16 / float16 / int8: never in memory 0.96 / 0.96 / 0.92. 15 rows (2 tiles): always in
  // memory 0.95 / 0.97 / 0.99. From 3 to 5 tiles both are equal, except int8 with 4 tiles, where
  // memory is 1.07.
  MAX_CONVERTING_TILES = 4,

  // The minimum number of independent sums in a product of few rows: a multiply-add takes 4 cycles,
  // and two can start per cycle. More sums need more registers. Measured for 1 row, float32 /
  // bfloat16 / float16: AVX-512: 4 sums 1.02 / 1.01 / 1.01, 16 sums 1.01 / 0.99 / 1.00. AVX2: 4
  // sums 0.98 / 0.97 / 0.84, 16 sums 1.03 / 0.31 / 0.26.
  GEMV_ACCUMULATORS = 8,

  // Prefetch distances in bytes: each line of weights, and of cached keys and values, is prefetched
  // into the L2 cache PREFETCH_L2 bytes early and into the L1 cache PREFETCH_L1 bytes early. A good
  // distance is about the number of bytes that a core reads during one memory latency; much further
  // ahead, lines are evicted before they are read. Measured, weights of 6144 × 4096 from memory,
  // float32 1 / 4 rows, bfloat16 1 / 4 rows: both 0: 0.73 / 1.22, 0.87 / 0.72; 4096 and 1024: 0.85
  // / 0.82, 0.87 / 0.98; 8192 for both: 0.96 / 1.07, 0.75 / 0.89; 32768 and 2048: 1.00 / 1.00, 1.00
  // / 0.99.
  PREFETCH_L2 = 16384,
  PREFETCH_L1 = 2048,

  // Rows that pack_rows prefetches ahead. Measured: 768 × 768, and 2304 columns of 768 rows: 0 or 2
  // rows differ less than the noise, 0.9 to 1.1. No measurement shows a benefit. Prefetching in
  // pack_columns and scale_rows as well made attention 1.00 times as fast.
  PACK_PREFETCH_ROWS = 8,
};

// Softmax -----------------------------------------------------------------------------------------

enum {
  // The number of independent maxima over a row: a power of two, because they are reduced in pairs.
  // Measured, 512 floats, AVX-512 / AVX2: 1 maximum 0.96 / 0.54, 2 maxima 1.01 / 0.79, 8 maxima
  // 1.09 / 0.94.
  MAXIMUM_ACCUMULATORS = 4,

  // The number of rows that go through each pass of the online softmax together. With more rows,
  // more reductions overlap, until the rows exceed the L1 cache: 16 rows of 512 scores are 32 KiB.
  // Measured, 64 rows of 128 scores, AVX-512 / AVX2: 1 row 0.95 / 0.92, 4 rows 0.98 / 0.98, 64 rows
  // 1.00 / 1.00. Of 512 scores: 1 row 1.03 / 0.96, 4 rows 1.02 / 1.01, 64 rows 1.00 / 1.00.
  SOFTMAX_ROW_BLOCK = 16,
};

// bfloat16 dot products ---------------------------------------------------------------------------
//
// On Intel, dispatch.c prefers a table without them: on Emerald Rapids they take twice as long as
// converting the weights and multiplying floats; on AMD Zen 5, half as long. On Zen 4 they are 2.0
// to 2.1 times as fast for 6 to 128 rows. Processors with VNNI but without bfloat16 dot products
// (Ice Lake) use neither: not measured there.

#endif
