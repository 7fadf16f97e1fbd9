// Every loop, for the set whose lanes were included before, and the table of them.

#include "rows.h"
#include "exponential.h"
#include "softmax.h"
#include "activations.h"
#include "normalization.h"
#include "elements.h"
#include "tiles.h"
#include "streams.h"
#include "panels.h"
#include "packing.h"
#include "decoding.h"

#define PASTED(a, b) a##b
#define TABLE_NAME(set) PASTED(vector_kernels_, set)

const vector_kernels TABLE_NAME(SET) = {
  .name = SET_NAME, .lanes = LANES, .tile_rows = TILE_ROWS,
  .maximum = maximum, .exponentials = exponentials, .is_finite = is_finite,
  .softmax = softmax, .activate = activate,
  .add = add, .multiply_rows = multiply_rows, .scale = scale, .divide = divide,
  .layer_norm = layer_norm, .rms_norm = rms_norm,
  .widen_bfloat16 = widen_bfloat16, .widen_float16 = widen_float16,
  .narrow_bfloat16 = narrow_bfloat16, .narrow_float16 = narrow_float16,
  .multiply = multiply, .pack_columns = pack_columns, .pack_rows = pack_rows,
  .quantize = quantize,
  .online_softmax = online_softmax, .score_keys = score_keys, .mix_values = mix_values,
};
