import Testing

extension Trait where Self == TimeLimitTrait {
  /// A test that fails instead of hanging forever.
  ///
  /// The limit is far above the time of any test: tests share the processors with all other tests,
  /// so a shorter limit would measure the speed of the machine. A test that never gives up its thread
  /// ignores the limit; `Scripts/run-tests` names such a test.
  public static var hangLimit: Self { .timeLimit(.minutes(10)) }
}
