/// The number to subtract from the scores of a row before a softmax: their maximum, or 0 if all
/// scores are −∞, because −∞ − (−∞) is NaN.
func asShift(_ maximum: Float) -> Float { maximum == -.infinity ? 0 : maximum }
