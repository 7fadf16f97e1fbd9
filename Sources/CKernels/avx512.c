#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>
#pragma clang attribute push( \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,f16c"))), apply_to = function)
#include "lanes/avx512.h"
#include "loops/all.h"
#pragma clang attribute pop

#pragma clang attribute push( \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,f16c,avx512bf16,avx512vnni,avx512vbmi"))), \
  apply_to = function)
#include "loops/dots.h"
#pragma clang attribute pop
#endif
