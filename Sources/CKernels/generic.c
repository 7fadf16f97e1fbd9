#include "isa/generic.h"
#include "kernels/table.h"

const vector_kernels vector_kernels_generic = KERNEL_TABLE("generic", formats, dot_half_bytes);
