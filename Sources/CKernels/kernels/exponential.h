// eˣ, within 1 ulp with fused multiply-add, otherwise within 2. 0 at −∞, ∞ at ∞, NaN at NaN.
//
// x = n ln 2 + r with |r| ≤ ln 2 / 2 (Cody & Waite 1980), and eʳ ≈ 1 + r + r² q(r), q fitted to a
// relative error of 3e-9: a twentieth of an ulp.

// For x below 88, as in a softmax, where x ≤ 0.
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

static inline vec exponential(vec x) { return exponential_of_low(clamp_max(x, 90)); }
