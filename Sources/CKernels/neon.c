#if defined(__aarch64__)
#include "isa/neon.h"
#include "kernels/table.h"

const vector_kernels vector_kernels_neon = KERNEL_TABLE("NEON", formats, dot_half_bytes);
#endif
