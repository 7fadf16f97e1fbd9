// dot_half_bytes with the int8 dot product instruction, for 16 lanes of four bytes; avx512_dot.h provides the
// instruction, which multiplies unsigned by signed bytes.
//
// Four rows are read at a time, because consecutive sums of a single row depend on each other.

static void dot_half_bytes_vnni(const vector_code_product *p) {
  const tuples zero = splat_tuple(0), fifteen = _mm512_set1_epi8(15);
  for (long first = 0; first < p->rows; first += 4) {
    const char *rows[4];
    for (long k = 0; k < 4; k++) {
      // Beyond the last row, repeats the last row.
      rows[k] = (const char *)p->codes + (first + k < p->rows ? first + k : p->rows - 1) * p->stride;
      for (long i = 0; i < p->length; i += 64) __builtin_prefetch(rows[k] + i + PREFETCH_L1);
    }
    for (long q = 0; q < p->queries; q++) {
      const char *query = (const char *)p->inputs + q * 2 * p->length;
      tuples low_sums[4] = {zero, zero, zero, zero}, high_sums[4] = {zero, zero, zero, zero};
      for (long i = 0; i < p->length; i += 64) {
        const long left = p->length - i;
        const __mmask64 mask = left < 64 ? (1ull << left) - 1 : ~0ull;
        const tuples low = _mm512_maskz_loadu_epi8(mask, query + i);
        const tuples high = _mm512_maskz_loadu_epi8(mask, query + p->length + i);
        for (int k = 0; k < 4; k++) {
          const tuples bytes = _mm512_maskz_loadu_epi8(mask, rows[k] + i);
          low_sums[k] = dot_int8(low_sums[k], _mm512_and_si512(bytes, fifteen), low);
          high_sums[k] = dot_int8(
            high_sums[k], _mm512_and_si512(_mm512_srli_epi16(bytes, 4), fifteen), high);
        }
      }
      for (long k = 0; k < 4 && first + k < p->rows; k++) {
        p->result[q * p->result_stride + first + k] =
          _mm512_reduce_add_epi32(_mm512_add_epi32(low_sums[k], high_sums[k]));
      }
    }
  }
}
