// SIMD kernels in C: functions that BLAS does not have, and products that are slow in BLAS. There
// is one table of functions for each instruction set, chosen at run time.
//
// Every function runs on the calling thread, uses only the memory that its caller passes, and does
// not check sizes. Lengths may be 0. Pointers need only the alignment of their element type. A
// stride is the distance from one row to the next, in elements. Each function has a twin in Swift,
// among the portable kernels, without intrinsics.

#ifndef C_KERNELS_H
#define C_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// The number of columns of a panel. A matrix [k, n] is stored as ⌈n / 32⌉ panels. A panel has 32
/// adjacent columns, stored row by row: [k, 32]. The last panel's columns beyond n are 0.
enum { VECTOR_PANEL_WIDTH = 32 };

/// The number of inputs of a row that share a scale when they are quantized to int8. The Swift
/// kernels use the same groups.
enum { VECTOR_INPUT_GROUP = 64 };

typedef enum {
  VECTOR_IDENTITY,   // x
  VECTOR_GELU,       // x Φ(x)
  VECTOR_GELU_TANH,  // x / (1 + exp(−2y)), y = √(2/π) (x + 0.044715 x³)
  VECTOR_SILU,       // x / (1 + exp(−x))
  VECTOR_RELU,       // max(x, 0); NaN stays NaN
  VECTOR_TANH,       // tanh x
} vector_activation;

// The table of weight formats. A new format is a row here, and for each instruction set
//
//   vec load_NAME(const void *)   in isa/: LANES weights as floats, without their scale
//   from_float_NAME               in kernels/formats.h: how floats are stored in this format
//
// bits:   bits of a weight, without scales. A panel's row takes 32 · bits / 8 bytes.
// block:  rows of a column share a scale in groups of a multiple of this number, or all rows
//         share one scale; 1 without scales. For int8, this is the size of an input group, so that
//         a group has one scale for the weights and one for the inputs.
// scaled: whether weights have scales.
//
//      name      constant         bits block scaled
#define VECTOR_WEIGHT_FORMATS(ROW)                                     \
  ROW(float32,  VECTOR_FLOAT32,  32,  1,    false)                     \
  ROW(bfloat16, VECTOR_BFLOAT16, 16,  1,    false) /* upper half of a float32 */ \
  ROW(float16,  VECTOR_FLOAT16,  16,  1,    false) /* IEEE 754 binary16 */ \
  ROW(int8,     VECTOR_INT8,     8,   VECTOR_INPUT_GROUP, true) /* scale · integer in −127 … 127 */

/// The storage format of a panel's weights. Products add up in float32 for all of them.
typedef enum {
#define VECTOR_CONSTANT(NAME, CONSTANT, ...) CONSTANT,
  VECTOR_WEIGHT_FORMATS(VECTOR_CONSTANT)
#undef VECTOR_CONSTANT
} vector_weight_format;

/// C ← f(α · A P + bias + addend), or C ← C + α · A P if `accumulates`.
typedef struct {
  long m, n, k;
  float alpha;  // α
  const float *a;  // A, [m, k]
  long a_stride;
  const void *panels;  // P, [k, n] as panels [⌈n / 32⌉, k, 32] of weights in `format`
  long panel_stride;   // weights from one panel to the next: 32 · k, or more to use only k of its rows
  vector_weight_format format;
  // For formats with scales, otherwise ignored: weight [r, c] of a panel is its integer times
  // scales[r / group][c] of that panel.
  const float *_Nullable scales;  // [⌈n / 32⌉, max(1, ⌈k / group⌉), 32]
  long scale_stride;              // floats from one panel's scales to the next's
  long group;  // rows that share a scale: a multiple of the format's block size, or at least k
  float *c;  // C, [m, n]
  long c_stride;
  bool accumulates;  // add to C; bias, addend and f are ignored
  const float *_Nullable bias;    // [n]; NULL for none
  const float *_Nullable addend;  // [m, n]; NULL for none; may be C itself
  long addend_stride;
  vector_activation activation;  // f
  // A as `quantize_inputs` wrote it, which `multiply_quantized` reads instead of a.
  const void *_Nullable quantized;
  // Whether the bits of a row of C must not depend on the other rows of A, nor on their number.
  bool reproducible;
} vector_panel_product;

/// One tile of an online softmax. For each row with scores S, maximum m, sum l and unnormalized
/// output O:
///
///     m′ = max(m, max S),  S ← exp(S − m′),  a = exp(m − m′),  l ← a l + Σ S,  O ← a O,  m ← m′
///
/// A row that has seen only −∞ keeps m = −∞ and l = 0.
typedef struct {
  long rows, columns;
  float *scores;  // S, [rows, columns]: scores, then unnormalized probabilities
  long score_stride;
  float *row_max, *row_sum;  // m and l, [rows]; −∞ and 0 before the first tile
  float *output;             // O, [rows, output_columns]
  long output_columns, output_stride;
} vector_softmax_tile;

/// A few query rows against the keys or values of a cache, for decoding. Reads the cache in place,
/// without packing. Rows are ordered by head: rows / heads rows for head 0, then the same number
/// for head 1, and so on.
typedef struct {
  long rows, heads, keys, dimension;
  const float *inputs;  // queries [rows, dimension], or probabilities [rows, keys]
  long input_stride;
  const float *cache;  // keys or values, [keys, heads, dimension]
  long cache_stride;   // floats from one key, or value, to the next
  float scale;         // of scores
  float *result;       // scores [rows, keys], or output [rows, dimension]
  long result_stride;
} vector_cache_product;

/// A few queries against many vectors with few bits per feature, for search. Reads the vectors in
/// place. A row has `length` bytes of two features with four bits, or of eight features with one.
typedef struct {
  long rows, queries, length;
  const void *codes;  // [rows, length]
  long stride;        // bytes from one row of codes to the next
  const void *inputs;  // int8 queries [queries, 2 length], or the bits of queries [queries, length]
  int32_t *result;     // [queries, rows]
  long result_stride;
} vector_code_product;

/// The functions of one instruction set for one weight format. `weights` are rows of one panel,
/// [rows, 32]; `scales` are [max(1, ⌈rows / group⌉), 32], and NULL for a format without scales,
/// which ignores `group`.
typedef struct {
  const char *name;  // "float32", "bfloat16", "float16", "int8"
  long bits;         // of a weight, without scales
  long block_size;   // `group` is a multiple of it, or at least the number of rows
  bool has_scales;

  /// Stores floats [rows, 32] in this format, rounded to nearest, ties to even. A scale is
  /// max |x| / 127 over the group's rows of a column, and at least 2⁻¹²⁶. Returns false if the format
  /// cannot store a float: a finite float that would become infinite or, in a format with scales,
  /// an infinity or NaN.
  bool (*from_float)(const float *x, long rows, long group, float *_Nullable scales, void *weights);
  /// Converts weights to floats [rows, 32] and applies the scales.
  void (*to_float)(const void *weights, long rows, long group, const float *_Nullable scales, float *x);
  /// The product; ignores `quantized`.
  void (*multiply)(const vector_panel_product *);

  // The product with A rounded to the weights' precision ("dynamic activation quantization", W8A8),
  // with dot product instructions. All three functions are NULL if this instruction set has no such
  // instructions for this format, or if they are not faster than `multiply` on this processor.
  // bfloat16: A is rounded to bfloat16; numbers below 2⁻¹²⁶ count as 0. int8: A is scale · integer
  // in −127 … 127, with one scale, max |x| / 127, for each VECTOR_INPUT_GROUP inputs of a row; the
  // integers' sums are exact.

  /// The number of 32-bit units of memory that `quantize_inputs` fills for A [m, k].
  long (*_Nullable quantized_count)(long m, long k);
  /// Rounds A [m, k] to nearest, ties to even. int8: an infinity or NaN makes the whole group of
  /// inputs NaN.
  void (*_Nullable quantize_inputs)(const float *a, long a_stride, long m, long k, void *quantized);
  /// The product; reads A from `quantized`.
  void (*_Nullable multiply_quantized)(const vector_panel_product *);
} vector_format;

/// The functions of one instruction set.
typedef struct {
  /// "AVX-512", "AVX-512 VNNI", "AVX-512 VNNI BF16", "AVX2", "NEON" or "generic".
  const char *name;
  /// The number of rows of C in a full tile of a panel product; products are fastest if m is a
  /// multiple of this number.
  long tile_rows;
  /// One row for each weight format, indexed by `vector_weight_format`.
  const vector_format *formats;

  // Element by element, on one row of n floats.
  float (*maximum)(const float *x, long n);                 // ignores NaN; −∞ if n is 0
  float (*exponentials)(float *x, long n, float shift);     // x ← exp(x − shift); returns Σ x
  bool (*is_finite)(const float *x, long n);                // whether x has no infinity and no NaN
  void (*activate)(float *x, long n, vector_activation f);  // x ← f(x)
  void (*add)(float *x, const float *y, long n);            // x ← x + y
  void (*multiply_rows)(float *x, const float *y, long n);  // x ← x ∘ y
  void (*scale)(float *x, long n, float factor);            // x ← factor · x
  // target ← factors ∘ x for rows of n floats; row r has the factor factors[r · factor_stride].
  void (*scale_rows)(
    const float *x, long stride, long rows, long n, const float *factors, long factor_stride,
    float *target, long target_stride);
  void (*divide)(float *x, long n, float divisor);          // x ← x / divisor
  // x ← (x − mean) / √(variance + ε) · weight + bias
  void (*layer_norm)(float *x, long n, const float *weight, const float *bias, float epsilon);
  // x ← x / √(mean of squares + ε) · weight
  void (*rms_norm)(float *x, long n, const float *weight, float epsilon);
  void (*bfloat16_to_float)(const uint16_t *bits, float *x, long n);
  void (*float16_to_float)(const uint16_t *bits, float *x, long n);
  // To nearest, ties to even. Return false if a finite x became infinite.
  bool (*float_to_bfloat16)(const float *x, uint16_t *bits, long n);
  bool (*float_to_float16)(const float *x, uint16_t *bits, long n);

  // The last step of `multiply` for float32, after another kernel wrote α · A P to C, or added it to
  // C if the addend is C itself: C ← f(C + bias + addend). Does nothing if `accumulates`.
  void (*finish)(const vector_panel_product *);

  // Packing a matrix [k, n] into panels of float32 with `width` columns, a multiple of 16. Columns
  // beyond n are 0. pack_columns: x is the transpose, [n, k]. pack_rows: x is [k, n].
  void (*pack_columns)(const float *x, long stride, long n, long k, long width, float *panels);
  void (*pack_rows)(const float *x, long stride, long n, long k, long width, float *panels);

  // Attention scores, one row of n floats at a time.
  void (*hide)(float *x, const bool *keep, long n, float value);  // x ← value where keep is false
  void (*softcap)(float *x, long n, float cap);                   // x ← cap · tanh(x / cap)
  // x ← x ∘ (1 − tanh²(scores / cap))
  void (*multiply_softcap_derivative)(float *x, const float *scores, long n, float cap);
  // xᵢ ← xᵢ − slope · |start + i|; start + n must not overflow.
  void (*subtract_distances)(float *x, long n, long start, float slope);

  // Attention.
  void (*online_softmax)(const vector_softmax_tile *);
  // result[r][j] = scale · query r · key j
  void (*score_keys)(const vector_cache_product *);
  // result[r] += Σⱼ probability [r][j] · value j
  void (*add_weighted_values)(const vector_cache_product *);

  // Search. The integers are exact; `length` is at most 2¹⁷, so that no sum overflows.
  // result[q][r] = Σᵢ query [q][i] · (code [r][i] mod 16) + query [q][length + i] · ⌊code [r][i] / 16⌋
  void (*dot_half_bytes)(const vector_code_product *);
  // result[q][r] = the number of bits that differ between query q and code r
  void (*count_different_bits)(const vector_code_product *);
} vector_kernels;

/// The table at an index, the fastest first; NULL beyond the last table that this processor can
/// run.
const vector_kernels *_Nullable vector_kernels_at(long index);

#pragma clang assume_nonnull end

#endif
