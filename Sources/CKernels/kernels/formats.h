// The elements of panels, widened to floats in registers, or a slice at a time in memory.

enum { SLICE = 256, WIDTH = VECTOR_PANEL_WIDTH };

// What will be read is asked for twice, so many bytes before: far ahead for the second-level cache, which
// waits for more lines at a time than the first, and for the first when it is near. While the memory finds
// them, a core reads about as many.
enum { FAR_AHEAD = 16384, NEAR_AHEAD = 2048 };

// Asks for what comes after the next `bytes` bytes.
static inline __attribute__((always_inline)) void ask_beyond(const char *next, long bytes) {
#pragma unroll
  for (long byte = 0; byte < bytes; byte += 64) {
    __builtin_prefetch(next + FAR_AHEAD + byte, 0, 2);
    __builtin_prefetch(next + NEAR_AHEAD + byte);
  }
}

static inline long byte_count(vector_element element) {
  switch (element) {
    case VECTOR_FLOAT32: return 4;
    case VECTOR_BFLOAT16:
    case VECTOR_FLOAT16: return 2;
    case VECTOR_INT8: return 1;
  }
}

// The address of an element.
static inline const void *at(vector_element element, const void *panel, long index) {
  return (const char *)panel + index * byte_count(element);
}

// A vector of elements; whole numbers without their scale.
static inline __attribute__((always_inline)) lanes widened(
    const vector_element element, const void *elements) {
  switch (element) {
    case VECTOR_FLOAT32: return load(elements);
    case VECTOR_BFLOAT16: return widened_bfloat16(elements);
    case VECTOR_FLOAT16: return widened_float16(elements);
    case VECTOR_INT8: return widened_int8(elements);
  }
}

static inline __attribute__((always_inline)) void widen_rows(
    const vector_element element, const void *panel, long rows, float *into) {
  for (long i = 0; i < rows * WIDTH; i += LANES) {
    store(into + i, widened(element, at(element, panel, i)));
  }
}

// `rows` rows of a panel from `first` on become floats, times their scales if they have some.
static void widen_slice(
    vector_element element, const void *panel, long first, long rows, const float *scales,
    long group, float *into) {
  const void *slice = at(element, panel, first * WIDTH);
  switch (element) {
    case VECTOR_FLOAT32: break;
    case VECTOR_BFLOAT16: widen_rows(VECTOR_BFLOAT16, slice, rows, into); break;
    case VECTOR_FLOAT16: widen_rows(VECTOR_FLOAT16, slice, rows, into); break;
    case VECTOR_INT8:
      for (long row = 0; row < rows; row++) {
        const float *scale = scales + (first + row) / group * WIDTH;
        const int8_t *whole = (const int8_t *)slice + row * WIDTH;
        for (long c = 0; c < WIDTH; c += LANES) {
          store(into + row * WIDTH + c, widened_int8(whole + c) * load(scale + c));
        }
      }
  }
}
