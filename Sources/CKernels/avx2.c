#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#include "isa/avx2.h"
#include "kernels/table.h"
#pragma clang attribute pop

const vector_kernels vector_kernels_avx2 = KERNEL_TABLE("AVX2", formats, dot_half_bytes);
#endif
