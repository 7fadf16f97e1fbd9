#if defined(__aarch64__)
#include "lanes/neon.h"
#include "loops/all.h"
#endif
