#ifndef SWIFT_ATTENTION_CLAPACKE_SHIM_H
#define SWIFT_ATTENTION_CLAPACKE_SHIM_H

// A module of its own: Debian builds OpenBLAS without LAPACKE. Real routines only, so the header
// needs no C complex types, which Swift does not import.
#include <lapacke.h>

#endif
