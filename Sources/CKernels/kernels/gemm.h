// Products with a matrix in panels: A [m, k] times P [k, n].
//
// A panel is 32 columns of P, its rows one after the other: the order in which the product reads them.
// Few rows of A take a panel in one go. For more it is cut into slices of at most SLICE rows, which stay
// in the first-level cache while every row of A goes past, a strip of them at a time.

// Up to so many strips, narrow elements are widened for each; for more, a slice is widened once.
enum { WIDENING_STRIPS = 4 };

// C ← f(C + addend) on one panel's columns.
static void finish(const vector_panel_product *p, long column, long columns) {
  for (long row = 0; row < p->m; row++) {
    float *c = p->c + row * p->c_stride + column;
    if (p->addend && p->addend != p->c) {
      add(c, p->addend + row * p->addend_stride + column, columns);
    }
    activate(c, columns, p->activation);
  }
}

// The panel goes past all strips, slice by slice.
static void multiply_strips(
    const vector_panel_product *p, const char *panel, const float *scales, destination to) {
  // Rows are dealt out evenly over as few strips as there can be.
  const long strips = (p->m + TILE_ROWS - 1) / TILE_ROWS;
  const long least = strips > 0 ? p->m / strips : 0, longer = p->m - strips * least;
  const bool widens = p->element != VECTOR_FLOAT32 && strips > WIDENING_STRIPS;
  // Sums of whole numbers are multiplied by their scale before another group's come to them.
  const bool is_scaled = p->element == VECTOR_INT8 && !widens;
  _Alignas(64) float floats[SLICE * WIDTH];
  float factors[WIDTH];
  for (int c = 0; c < WIDTH; c++) factors[c] = p->alpha;
  to.factors = factors;
  const float none[WIDTH] = {0};
  for (long first = 0, depth; first < p->k || first == 0; first += depth) {
    depth = p->k - first < SLICE ? p->k - first : SLICE;
    const char *slice = at(p->element, panel, first * WIDTH);
    const long row_bytes = WIDTH * byte_count(p->element);
    vector_element element = p->element;
    // Each tile asks for a part of the next slice.
    upcoming next = {slice + SLICE * row_bytes, row_bytes * TILE_COLUMNS / WIDTH / strips};
    if (is_scaled) {
      // Such a slice lies within a group.
      const long rest = p->group - first % p->group;
      if (rest < depth) depth = rest;
      const float *scale = scales + first / p->group * WIDTH;
      for (int c = 0; c < WIDTH; c++) factors[c] = p->alpha * scale[c];
    }
    if (widens) {
      widen_slice(element, panel, first, depth, scales, p->group, floats);
      slice = (const char *)floats;
      element = VECTOR_FLOAT32;
    }
    for (long strip = 0, row = 0; strip < strips; strip++) {
      const long rows = least + (strip < longer);
      for (long offset = 0; offset < to.columns; offset += TILE_COLUMNS) {
        destination corner = to;
        corner.c += row * to.stride + offset;
        corner.columns -= offset;
        corner.factors += offset;
        corner.bias += offset;
        tile_of(element, rows, depth, p->a + row * p->a_stride + first, p->a_stride,
          at(element, slice, offset), next, corner);
        next.first += depth * next.step;
      }
      row += rows;
    }
    to.adds = true;
    to.bias = none;
    if (depth == 0) break;
  }
}

// One panel's columns of C.
typedef void panel_function(
    const vector_panel_product *, const char *panel, const float *scales, destination);

static inline __attribute__((always_inline)) void for_panels(
    const vector_panel_product *p, panel_function *compute) {
  float alphas[WIDTH];
  for (int c = 0; c < WIDTH; c++) alphas[c] = p->alpha;
  for (long column = 0; column < p->n; column += WIDTH) {
    const long index = column / WIDTH, columns = p->n - column < WIDTH ? p->n - column : WIDTH;
    // The first sums bring the bias along.
    float bias[WIDTH] = {0};
    if (p->bias && !p->accumulates) memcpy(bias, p->bias + column, (size_t)columns * sizeof *bias);
    compute(
      p, at(p->element, p->panels, index * p->panel_stride),
      p->scales ? p->scales + index * p->scale_stride : NULL,
      (destination){
        .c = p->c + column, .stride = p->c_stride, .columns = columns, .factors = alphas,
        .bias = bias,
        // An addend that is C itself is added to like any other sum.
        .adds = p->accumulates || (p->addend && p->addend == p->c)});
    const bool addend_is_elsewhere = p->addend && p->addend != p->c;
    if (!p->accumulates && (addend_is_elsewhere || p->activation != VECTOR_IDENTITY)) {
      finish(p, column, columns);
    }
  }
}

static void multiply(const vector_panel_product *p) {
  for_panels(p, p->m <= STREAM_ROWS ? stream_panel : multiply_strips);
}
