// Makes OpenBLAS start with one thread.
//
// OpenBLAS starts its threads when it is loaded, before any Swift code runs. The threads would never be used: the
// package calls OpenBLAS from its own threads. They cost time and memory, and if the system refuses them, because of
// RLIMIT_NPROC for example, OpenBLAS ends the process with SIGINT.
//
// OpenBLAS gets the number from its function openblas_num_threads_env, which returns the value of the environment
// variable OPENBLAS_NUM_THREADS. The dynamic linker resolves that call to the definition below, because programs and
// the libraries that they name come before OpenBLAS in its search. setenv would be too late in every initializer of a
// program: those run after the initializer of OpenBLAS, and the C library resets the environment after .preinit_array.
//
// If a release of OpenBLAS has no such function, nobody calls this one, and OpenBLAS starts with one thread per
// processor. The symbol is weak, so that a program can link OpenBLAS statically.

#include "COpenBLASThreads.h"

#include <limits.h>
#include <stdlib.h>

__attribute__((weak, used, visibility("default"))) int openblas_num_threads_env(void) {
  const char *own = getenv("OPENBLAS_NUM_THREADS");
  if (own != NULL) {
    const long count = strtol(own, NULL, 10);
    if (count > 0 && count <= INT_MAX) return (int)count;
  }
  // For 0, OpenBLAS looks at these variables.
  if (getenv("GOTO_NUM_THREADS") != NULL || getenv("OMP_NUM_THREADS") != NULL) return 0;
  return 1;
}
