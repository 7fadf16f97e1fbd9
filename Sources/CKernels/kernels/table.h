// Includes every kernel for the instruction set whose isa/ header was included before this file,
// and defines the tables.

#include "elementwise.h"
#include "exponential.h"
#include "softmax.h"
#include "scores.h"
#include "activations.h"
#include "normalization.h"
#include "formats.h"
#include "gemm_tile.h"
#include "gemv.h"
#include "gemm.h"
#include "packing.h"
#include "cache_products.h"
#include "code_products.h"

#define FORMAT_ROW(NAME, CONSTANT, BITS, BLOCK, SCALED)                          \
  [CONSTANT] = {                                                                 \
    .name = #NAME, .bits = BITS, .block_size = BLOCK, .has_scales = SCALED,      \
    .from_float = from_float_##NAME, .to_float = to_float_##NAME,                \
    .multiply = multiply_##NAME},

static const vector_format formats[] = {VECTOR_WEIGHT_FORMATS(FORMAT_ROW)};

#define KERNEL_TABLE(NAME, FORMATS, DOT_HALF_BYTES)                              \
  {                                                                              \
    .name = NAME, .tile_rows = TILE_ROWS, .formats = FORMATS,                    \
    .maximum = maximum, .exponentials = exponentials, .is_finite = is_finite,    \
    .activate = activate,                                    \
    .add = add, .multiply_rows = multiply_rows, .scale = scale, .divide = divide, \
    .scale_rows = scale_rows, .finish = finish,                                  \
    .layer_norm = layer_norm, .rms_norm = rms_norm,                              \
    .bfloat16_to_float = bfloat16_to_float, .float16_to_float = float16_to_float, \
    .float_to_bfloat16 = float_to_bfloat16, .float_to_float16 = float_to_float16, \
    .pack_columns = pack_columns, .pack_rows = pack_rows,                        \
    .online_softmax = online_softmax,                                            \
    .hide = hide, .softcap = softcap,                                            \
    .multiply_softcap_derivative = multiply_softcap_derivative,                  \
    .subtract_distances = subtract_distances,                                    \
    .score_keys = score_keys, .add_weighted_values = add_weighted_values,        \
    .dot_half_bytes = DOT_HALF_BYTES,                                            \
    .count_different_bits = count_different_bits,                                \
  }
