extension GenerationOptions {
  /// A setting in a model's files that is wrong or not implemented.
  ///
  /// A refusal is an error only in the mode in which the setting has an effect: `typical_p` with
  /// `do_sample: false` is ignored, and refused when the caller turns sampling on.
  struct Refusal: Sendable, Hashable {
    /// When a setting has an effect.
    enum Mode: Sendable, Hashable {
      case always
      /// `do_sample` is true.
      case sampling
      /// `num_beams` is more than 1.
      case beamSearch
      /// `num_beams` is 1.
      case singleBeam
      /// `num_beams` is 1, `do_sample` is false and `top_k` is more than 1.
      case contrastiveSearch
      /// `max_length` has an effect: there is no `max_new_tokens`.
      case totalLength
      /// A sequence begins with a single token, as with encoder–decoders.
      case loneStart
    }

    let mode: Mode
    let error: ModelError
  }

  /// Throws the first refusal, by key, that has an effect in the current mode.
  func checkRefusals() throws {
    let first = refusals.filter { isInEffect($0.value.mode) }.min { $0.key < $1.key }
    if let first { throw first.value.error }
  }

  /// Records an error that has an effect in every mode.
  mutating func refuse(_ error: ModelError, key: String) {
    refusals[key] = Refusal(mode: .always, error: error)
  }

  private func isInEffect(_ mode: Refusal.Mode) -> Bool {
    switch mode {
    case .always: true
    case .sampling: isSampling
    case .beamSearch: beamCount > 1
    case .singleBeam: beamCount == 1
    case .contrastiveSearch: beamCount == 1 && !isSampling && topK ?? 0 > 1
    case .totalLength: maxNewTokens == nil
    // Not known before the prompts are read: see `checkForcedFirstToken(vocabularySize:)`.
    case .loneStart: false
    }
  }

  /// The settings that are not implemented: each key, the mode in which it has an effect, and the values
  /// that have an effect.
  ///
  /// Keys of speculative decoding (`prompt_lookup_num_tokens`, `assistant_early_exit`, `use_mtp`, …), of
  /// caches and of outputs are ignored: they do not change the text.
  private static let unsupported: [(key: String, mode: Refusal.Mode, effect: Effect)] = [
    ("guidance_scale", .always, .number { $0 != 1 }),
    ("encoder_repetition_penalty", .always, .number { $0 != 1 }),
    ("max_time", .always, .anyValue),
    ("sequence_bias", .always, .anyValue),
    ("exponential_decay_length_penalty", .always, .anyValue),
    ("watermarking_config", .always, .anyValue),
    ("constraints", .always, .anyValue),
    ("force_words_ids", .always, .anyValue),
    ("token_healing", .always, .flag),
    ("is_assistant", .always, .flag),
    ("typical_p", .sampling, .number { !($0 >= 1) }),
    ("epsilon_cutoff", .sampling, .number { !($0 <= 0 || $0 >= 1) }),
    ("eta_cutoff", .sampling, .number { !($0 <= 0 || $0 >= 1) }),
    ("top_h", .sampling, .anyValue),
    ("num_beam_groups", .beamSearch, .number { !($0 <= 1) }),
    ("dola_layers", .singleBeam, .anyValue),
    ("penalty_alpha", .contrastiveSearch, .number { !($0 <= 0) }),
  ]

  /// Which values of a key have an effect; `null` has none.
  private enum Effect: Sendable {
    case anyValue
    /// `true`.
    case flag
    /// Numbers that satisfy the predicate.
    case number(@Sendable (Double) -> Bool)
  }

  /// Records the settings in `config` that are not implemented.
  mutating func noteUnsupported(_ config: ConfigurationReader) {
    for (key, mode, effect) in Self.unsupported where config.object[key] != nil {
      read(key, mode) { () -> Void? in
        guard let value = config.value(key) else { return nil }
        switch effect {
        case .anyValue: break
        case .flag:
          guard try config.optionalBoolean(key) == true else { return nil }
        case .number(let hasEffect):
          guard let number = value.number?.double else {
            throw config.mismatch(key, expected: "number", value)
          }
          guard hasEffect(number) else { return nil }
        }
        throw ModelError.unsupported(
          path: config.path, what: "\(config.name(of: key)) = \(config.describe(value))",
          supported: [])
      }
    }
  }

  /// The value that `body` reads under a key; an error becomes a refusal in this mode.
  @discardableResult
  mutating func read<Value>(
    _ key: String, _ mode: Refusal.Mode = .always, _ body: () throws -> Value?
  ) -> Value? {
    refusals[key] = nil
    do {
      return try body()
    } catch {
      let error = error as? ModelError ?? .configuration(path: key, reason: "\(error)")
      refusals[key] = Refusal(mode: mode, error: error)
      return nil
    }
  }
}

extension GenerationOptions.Refusal: CustomStringConvertible {
  /// The mode in which the setting has an effect.
  var description: String { "\(mode)" }
}
