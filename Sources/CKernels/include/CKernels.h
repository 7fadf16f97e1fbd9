// The loops that BLAS has no name for, and the products in which BLAS is weak, in C for several
// instruction sets. Which set computes is chosen at run time, by what the processor can do.
//
// Every function works on one thread, on memory of its caller's, and trusts the sizes it is given.
// Lengths may be 0 and pointers need no alignment unless said otherwise. Each has a twin in Swift
// (the defaults of `VectorLoops`), which says the same without intrinsics.

#ifndef C_VECTOR_KERNELS_H
#define C_VECTOR_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// The columns of a panel. A matrix of k rows and n columns is stored as ⌈n / 32⌉ panels, each k rows
/// of 32 neighbouring scalars; what the last one has beyond n is 0.
enum { VECTOR_PANEL_WIDTH = 32 };

typedef enum {
  VECTOR_IDENTITY,   // x
  VECTOR_GELU,       // x Φ(x)
  VECTOR_GELU_TANH,  // x / (1 + exp(−2y)), y = √(2/π) (x + 0.044715 x³)
  VECTOR_SILU,       // x / (1 + exp(−x))
  VECTOR_RELU,       // max(x, 0), NaN kept
} vector_activation;

/// How a panel's elements are kept. Every product is summed up in float32, whatever they are.
typedef enum {
  VECTOR_FLOAT32,
  VECTOR_BFLOAT16,  // the upper half of a float32
  VECTOR_FLOAT16,   // IEEE 754's binary16
  VECTOR_INT8,      // whole numbers, times a scale that elements of one column share
} vector_element;

/// C ← f(α · A P + bias + addend), or C ← C + α · A P.
typedef struct {
  long m, n, k;
  float alpha;
  const float *a;  // [m, k], rows a_stride apart
  long a_stride;
  const void *panels;  // P, [k, n] in panels that stand panel_stride elements apart
  long panel_stride;
  vector_element element;
  // For int8: of each panel, 32 scales for every `group` of its rows; the panels' stand scale_stride
  // apart, and there is one group at least. Unused for other elements.
  const float *_Nullable scales;
  long scale_stride;
  long group;
  float *c;  // [m, n], rows c_stride apart
  long c_stride;
  bool accumulates;  // add to C as it is; then there is no bias, addend or f
  const float *_Nullable bias;    // [n]; NULL for none
  const float *_Nullable addend;  // [m, n], rows addend_stride apart; NULL for none; may be C itself
  long addend_stride;
  vector_activation activation;
  const void *_Nullable rounded;  // A as `round_inputs` made it: for vector_dots, which read no other
} vector_panel_product;

/// One tile of an online softmax: R rows of scores S become weights P, and the state of each row,
/// its largest score m and its sum l, goes on:
///
///     m′ = max(m, max S),  P = exp(S − m′),  a = exp(m − m′),  l ← a l + Σ P,  O ← a O,  m ← m′
typedef struct {
  long rows, columns;
  float *scores;  // [rows, columns], rows score_stride apart
  long score_stride;
  float *largest, *total;  // [rows]
  float *output;           // [rows, output_columns], rows output_stride apart
  long output_columns, output_stride;
} vector_softmax_tile;

/// A few queries against keys where they lie, without packing: for decoding. Rows are those of one head of
/// keys after the other, as many for each.
typedef struct {
  long rows, heads, keys, dimension;
  const float *rows_base;  // queries [rows, dimension], or weights [rows, keys]
  long row_stride;
  const float *keys_base;  // keys or values, [keys, heads, dimension], key_stride apart
  long key_stride;
  float scale;
  float *result;  // scores [rows, keys], or output [rows, dimension], to which is added
  long result_stride;
} vector_row_product;

/// The functions of one instruction set.
typedef struct {
  /// "AVX-512", "AVX2", "NEON" or "plain C".
  const char *name;
  /// Scalars in a vector.
  long lanes;
  /// Rows of C that one tile of a panel product computes at best.
  long tile_rows;

  // Rows of scalars.
  float (*maximum)(const float *x, long n);               // NaN ignored; −∞ for none
  float (*exponentials)(float *x, long n, float shift);   // x ← exp(x − shift); returns Σ x
  bool (*is_finite)(const float *x, long n);              // neither ∞ nor NaN among them
  void (*softmax)(float *x, long n);                      // x ← exp(x − max x) / Σ; all −∞: zeros
  void (*activate)(float *x, long n, vector_activation);  // x ← f(x)
  void (*add)(float *x, const float *y, long n);          // x ← x + y
  void (*multiply_rows)(float *x, const float *y, long n);  // x ← x ∘ y
  void (*scale)(float *x, long n, float factor);          // x ← factor · x
  void (*divide)(float *x, long n, float divisor);        // x ← x / divisor
  // x ← (x − mean) / √(variance + ε) · gain + bias
  void (*layer_norm)(float *x, long n, const float *gain, const float *bias, float epsilon);
  // x ← x / √(mean of squares + ε) · gain
  void (*rms_norm)(float *x, long n, const float *gain, float epsilon);
  void (*widen_bfloat16)(const uint16_t *bits, float *x, long n);
  void (*widen_float16)(const uint16_t *bits, float *x, long n);
  // To the nearest, ties to even. False where a finite x became infinite.
  bool (*narrow_bfloat16)(const float *x, uint16_t *bits, long n);
  bool (*narrow_float16)(const float *x, uint16_t *bits, long n);

  // Products of panels.
  void (*multiply)(const vector_panel_product *);
  // Panels of [k, n] from its transposition: n rows of k scalars, rows stride apart.
  void (*pack_columns)(const float *x, long stride, long n, long k, float *panels);
  // Panels of [k, n] from k rows of n scalars, rows stride apart.
  void (*pack_rows)(const float *x, long stride, long n, long k, float *panels);
  // Of one panel's rows: scales[c] ← max |column c| / 127, and no less than 2⁻¹²⁶;
  // whole[r][c] ← panel[r][c] / scales[c], to the nearest, ties to even. No element is ∞ or NaN.
  void (*quantize)(const float *panel, long rows, float *scales, int8_t *whole);

  // Attention.
  void (*online_softmax)(const vector_softmax_tile *);
  void (*score_keys)(const vector_row_product *);  // result[r][j] = scale · row r · key j
  void (*mix_values)(const vector_row_product *);  // result[r] += Σⱼ row r[j] · value j
} vector_kernels;

/// Products of inputs that are rounded as the weights are: to bfloat16, or to whole numbers from −127 to
/// 127 with a scale for each 64 inputs of a row, max |x| / 127. Sums of these are exact.
typedef struct {
  // The words of 32 bits that m rows of k inputs take.
  long (*rounded_count)(vector_element, long m, long k);
  // A [m, k], rows a_stride apart, to the nearest, ties to even. Of whole numbers, an infinity or NaN
  // makes its 64 inputs NaN.
  void (*round_inputs)(
      vector_element, const float *a, long a_stride, long m, long k, void *rounded);
  // As in vector_kernels, with the rounded A. For bfloat16, numbers below 2⁻¹²⁶ count as 0.
  void (*multiply)(const vector_panel_product *);
} vector_dots;

/// What a set has of it on this processor; NULL for nothing.
const vector_dots *_Nullable vector_dots_of(const vector_kernels *set);

/// Whether they are faster on this processor than the set's own product of inputs that are rounded and kept
/// as floats.
bool vector_dots_are_faster(vector_element);

/// The fastest set that this processor can run.
const vector_kernels *vector_kernels_best(void);

/// The set at an index, the fastest first; NULL beyond the last that this processor can run.
const vector_kernels *_Nullable vector_kernels_at(long index);

#pragma clang assume_nonnull end

#endif
