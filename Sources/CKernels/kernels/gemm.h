// C ← f(α · A P + bias + addend) with P in panels. See `vector_panel_product`.
//
// Up to GEMV_ROWS rows of A: gemv.h. For more rows, or for reproducible products, a panel is cut into K-blocks of up to K_BLOCK
// rows. A K-block stays in the L1 cache while it is multiplied with all rows of A, one M-tile after
// the other.

// Computes one panel's columns of C, without addend and f.
typedef void panel_function(
    const vector_panel_product *, const char *panel, const float *scales, destination);

// `format` is a compile-time constant; `tile` is the gemm_tile_NAME of that format.
INLINE void gemm_panel(
    const vector_weight_format format, gemm_tile_function *tile, const vector_panel_product *p,
    const char *panel, const float *scales, destination to) {
  // As few M-tiles as possible, whose heights differ by at most 1: the first `taller` have one more
  // row.
  const long tiles = (p->m + TILE_ROWS - 1) / TILE_ROWS;
  const long height = tiles > 0 ? p->m / tiles : 0, taller = p->m - tiles * height;
  // Tiles convert weights in registers, or each K-block is converted to floats in memory once.
  const bool converts =
    format != VECTOR_FLOAT32 && (tiles > MAX_CONVERTING_TILES || p->reproducible);
  // Tiles sum weights without their scale. A K-block is within a group, and the scale of the group
  // multiplies the sums.
  const bool scales_sums = format_is_scaled[format] && !converts;
  _Alignas(64) float floats[K_BLOCK * WIDTH];
  float factors[WIDTH];
  for (int c = 0; c < WIDTH; c++) factors[c] = p->alpha;
  to.factors = factors;
  const float zeros[WIDTH] = {0};
  for (long first = 0, depth; first < p->k || first == 0; first += depth) {
    depth = p->k - first < K_BLOCK ? p->k - first : K_BLOCK;
    const char *block = weight_at(format, panel, first * WIDTH);
    const long row_bytes = byte_count(format, WIDTH);
    // Each tile prefetches its share of the next K-block.
    prefetch ahead = {block + K_BLOCK * row_bytes, row_bytes * TILE_COLUMNS / WIDTH / tiles};
    if (scales_sums) {
      const long rest = p->group - first % p->group;
      if (rest < depth) depth = rest;
      const float *scale = scales + first / p->group * WIDTH;
      for (int c = 0; c < WIDTH; c++) factors[c] = p->alpha * scale[c];
    }
    if (converts) {
      convert_rows(format, panel, first, depth, scales, p->group, floats);
      block = (const char *)floats;
    }
    for (long i = 0, row = 0; i < tiles; i++) {
      const long rows = height + (i < taller);
      for (long offset = 0; offset < to.columns; offset += TILE_COLUMNS) {
        destination corner = to;
        corner.c += row * to.stride + offset;
        corner.columns -= offset;
        corner.factors += offset;
        corner.bias += offset;
        const float *a = p->a + row * p->a_stride + first;
        if (converts) {
          gemm_tile_float32(
            rows, depth, a, p->a_stride, weight_at(VECTOR_FLOAT32, block, offset), ahead, corner);
        } else {
          tile(rows, depth, a, p->a_stride, weight_at(format, block, offset), ahead, corner);
        }
        ahead.next += depth * ahead.step;
      }
      row += rows;
    }
    to.adds = true;
    to.bias = zeros;
    if (depth == 0) break;
  }
}

// C ← f(C + bias + addend) on some columns, without an addend that is C itself.
static void finish_columns(
    const vector_panel_product *p, const float *bias, long column, long columns) {
  for (long row = 0; row < p->m; row++) {
    float *c = p->c + row * p->c_stride + column;
    if (bias) add(c, bias + column, columns);
    if (p->addend && p->addend != p->c) {
      add(c, p->addend + row * p->addend_stride + column, columns);
    }
    activate(c, columns, p->activation);
  }
}

static void finish(const vector_panel_product *p) {
  const bool has_addend = p->addend && p->addend != p->c;
  if (!p->accumulates && (p->bias || has_addend || p->activation != VECTOR_IDENTITY)) {
    finish_columns(p, p->bias, 0, p->n);
  }
}

INLINE void for_each_panel(
    const vector_weight_format format, const vector_panel_product *p, panel_function *compute) {
  float alphas[WIDTH];
  for (int c = 0; c < WIDTH; c++) alphas[c] = p->alpha;
  for (long column = 0; column < p->n; column += WIDTH) {
    const long index = column / WIDTH, columns = p->n - column < WIDTH ? p->n - column : WIDTH;
    // The bias is added with the first sums.
    float bias[WIDTH] = {0};
    if (p->bias && !p->accumulates) memcpy(bias, p->bias + column, (size_t)columns * sizeof *bias);
    compute(
      p, weight_at(format, p->panels, index * p->panel_stride),
      p->scales ? p->scales + index * p->scale_stride : NULL,
      (destination){
        .c = p->c + column, .stride = p->c_stride, .columns = columns, .factors = alphas,
        .bias = bias,
        // If the addend is C itself, the sums are added to C.
        .adds = p->accumulates || (p->addend && p->addend == p->c)});
    const bool addend_is_elsewhere = p->addend && p->addend != p->c;
    if (!p->accumulates && (addend_is_elsewhere || p->activation != VECTOR_IDENTITY)) {
      finish_columns(p, NULL, column, columns);
    }
  }
}

#define MULTIPLY(NAME, CONSTANT, ...)                                                              \
  static void gemv_panel_##NAME(                                                                   \
      const vector_panel_product *p, const char *panel, const float *scales, destination to) {     \
    gemv_panel(CONSTANT, p, panel, scales, to);                                                    \
  }                                                                                                \
  static void gemm_panel_##NAME(                                                                   \
      const vector_panel_product *p, const char *panel, const float *scales, destination to) {     \
    gemm_panel(CONSTANT, gemm_tile_##NAME, p, panel, scales, to);                                  \
  }                                                                                                \
  static void multiply_##NAME(const vector_panel_product *p) {                                     \
    const bool is_gemv = p->m <= GEMV_ROWS && !p->reproducible;                                    \
    for_each_panel(CONSTANT, p, is_gemv ? gemv_panel_##NAME : gemm_panel_##NAME);                  \
  }
VECTOR_WEIGHT_FORMATS(MULTIPLY)
#undef MULTIPLY
