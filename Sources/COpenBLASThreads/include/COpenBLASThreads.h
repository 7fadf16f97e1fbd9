#ifndef SWIFT_ATTENTION_COPENBLASTHREADS_H
#define SWIFT_ATTENTION_COPENBLASTHREADS_H

/// The number of threads with which OpenBLAS starts; OpenBLAS calls this function itself. See openblas_threads.c.
int openblas_num_threads_env(void);

#endif
