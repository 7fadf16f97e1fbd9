#ifndef SWIFT_ATTENTION_COPENBLAS_SHIM_H
#define SWIFT_ATTENTION_COPENBLAS_SHIM_H

// OpenBLAS's cblas.h: the CBLAS calls and OpenBLAS's own controls (thread count, core name).
#include <cblas.h>

#endif
