#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>
#pragma clang attribute push( \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,f16c"))), apply_to = function)
#include "isa/avx512.h"
#include "kernels/table.h"
#pragma clang attribute pop

#pragma clang attribute push( \
  __attribute__((target( \
    "avx512f,avx512bw,avx512dq,avx512vl,fma,f16c,avx512bf16,avx512vnni,avx512vbmi"))), \
  apply_to = function)
#include "isa/avx512_dot.h"
#include "kernels/dot_products.h"
#include "kernels/code_dots_vnni.h"
#pragma clang attribute pop

static const vector_format formats_vnni[] = {
  VECTOR_WEIGHT_FORMATS(FORMAT_ROW) DOT_PRODUCTS(int8, VECTOR_INT8)};
static const vector_format formats_vnni_bf16[] = {
  VECTOR_WEIGHT_FORMATS(FORMAT_ROW) DOT_PRODUCTS(int8, VECTOR_INT8),
  DOT_PRODUCTS(bfloat16, VECTOR_BFLOAT16)};

const vector_kernels vector_kernels_avx512 = KERNEL_TABLE("AVX-512", formats, dot_half_bytes);
const vector_kernels vector_kernels_avx512_vnni =
  KERNEL_TABLE("AVX-512 VNNI", formats_vnni, dot_half_bytes_vnni);
const vector_kernels vector_kernels_avx512_vnni_bf16 =
  KERNEL_TABLE("AVX-512 VNNI BF16", formats_vnni_bf16, dot_half_bytes_vnni);
#endif
