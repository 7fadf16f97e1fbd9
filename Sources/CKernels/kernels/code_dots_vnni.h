// dot_codes with the int8 dot product instruction, for 16 lanes of four bytes; avx512_dot.h provides the
// instruction.
//
// The instruction multiplies unsigned by signed bytes: 128 is added to the codes, and every sum starts at
// −128 · Σ query. Four rows are read at a time, because consecutive sums of a single row depend on each other.

static void dot_codes_vnni(const vector_code_product *p) {
  const tuples zero = splat_tuple(0), ones = _mm512_set1_epi8(1);
  for (long first = 0; first < p->rows; first += 4) {
    const char *rows[4];
    for (long k = 0; k < 4; k++) {
      // Beyond the last row, repeats the last row.
      rows[k] = (const char *)p->codes + (first + k < p->rows ? first + k : p->rows - 1) * p->stride;
      for (long i = 0; i < p->length; i += 64) __builtin_prefetch(rows[k] + i + PREFETCH_L1);
    }
    for (long q = 0; q < p->queries; q++) {
      const char *query = (const char *)p->inputs + q * p->length;
      tuples sums[4] = {zero, zero, zero, zero}, query_sum = zero;
      long i = 0;
      for (; i + 64 <= p->length; i += 64) {
        const tuples factor = load_tuples(query + i);
        query_sum = dot_int8(query_sum, ones, factor);
        for (int k = 0; k < 4; k++) {
          sums[k] = dot_int8(sums[k], offset_by_128(load_tuples(rows[k] + i)), factor);
        }
      }
      if (i < p->length) {
        const __mmask64 left = (1ull << (p->length - i)) - 1;
        const tuples factor = _mm512_maskz_loadu_epi8(left, query + i);
        query_sum = dot_int8(query_sum, ones, factor);
        for (int k = 0; k < 4; k++) {
          sums[k] = dot_int8(sums[k], offset_by_128(_mm512_maskz_loadu_epi8(left, rows[k] + i)), factor);
        }
      }
      const int32_t start = -128 * _mm512_reduce_add_epi32(query_sum);
      for (long k = 0; k < 4 && first + k < p->rows; k++) {
        p->result[q * p->result_stride + first + k] = start + _mm512_reduce_add_epi32(sums[k]);
      }
    }
  }
}
