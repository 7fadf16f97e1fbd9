// eˣ, within 1 ulp with fused multiply-add, otherwise within 2. 0 at −∞, ∞ at ∞, NaN at NaN.
//
// exponential_of_low is for x below 88, as in a softmax, where x ≤ 0.

#if HAS_LOOKUP

// x = y ln 2 + r, where y is a multiple of 1/16 and |r| ≤ ln 2 / 32. With j = 16 y mod 16,
//
//     eˣ = 2^⌊y⌋ · g 2^(j/16) · eʳ / g
//
// The table has g 2^(j/16). With g = 1.00061776489566794, found by a random search, all entries are within
// 0.19 ulp of a float, so that a table in float32 adds little to the error. eʳ / g ≈ 1 + q(r), with a cubic q
// that is within 2e-9.
static const float powers_of_two[16] = {
  1.00061774f, 1.04491889f, 1.0911814f, 1.13949215f,
  1.18994176f, 1.242625f, 1.29764068f, 1.35509217f,
  1.41508722f, 1.4777385f, 1.54316354f, 1.61148524f,
  1.68283176f, 1.75733709f, 1.83514106f, 1.9163897f,
};

static inline vec exponential_of_low(vec x) {
  x = clamp_min(x, -104);  // eˣ rounds to 0
  // Adding 1.5 · 2¹⁹ rounds to a multiple of 1/16. The lowest bits of the sum are j.
  const float shifter = 0x1.8p19f;
  vec shifted = x * 1.44269504f + shifter, y = shifted - shifter;
  // ln 2 in two parts. The first has 9 bits: its product with y is exact.
  vec r = x - y * 0.693359375f;
  r = r + y * 2.12194440e-4f;
  vec q = r * 0.166563764f + 0.499710858f;
  q = q * r + 0.999382615f;
  q = q * r - 0.00061738462f;
  vec power = lookup(powers_of_two, as_ints(shifted));
  return scale_by_power(power * q + power, y);
}

#else

// x = n ln 2 + r with |r| ≤ ln 2 / 2 (Cody & Waite 1980), and eʳ ≈ 1 + r + r² q(r), q fitted to a
// relative error of 3e-9: a twentieth of an ulp.
static inline vec exponential_of_low(vec x) {
  ivec vanishes = x < splat(-104);  // eˣ rounds to 0
  // Adding 1.5 · 2²³ rounds to an integer.
  const float shifter = 12582912;
  vec n = x * 1.44269504f + shifter - shifter;
  // ln 2 in two parts. The first has 9 bits: its product with n is exact.
  vec r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  vec p = r * 1.381454e-3f + 8.36874511e-3f;
  p = p * r + 4.16683908e-2f;
  p = p * r + 1.66665204e-1f;
  p = p * r + 4.99999934e-1f;
  p = p * r + 1;
  p = p * r + 1;
  return vanishes ? splat(0) : scale_by_power(p, n);
}

#endif

static inline vec exponential(vec x) { return exponential_of_low(clamp_max(x, 90)); }
