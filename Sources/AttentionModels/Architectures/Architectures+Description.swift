import Attention

// Descriptions of models: their sizes on one line.

extension BERT: CustomStringConvertible {
  /// The sizes, such as `BERT(6 layers, hidden size 384, 12 heads, vocabulary 30522)`.
  public var description: String {
    modelDescription(
      "BERT", layers: counted(configuration.layerCount, "layer"),
      hiddenSize: configuration.hiddenSize,
      headCount: configuration.headCount, vocabularySize: configuration.vocabularySize)
  }
}

extension GPT2: CustomStringConvertible {
  /// The sizes, such as `GPT2(12 layers, hidden size 768, 12 heads, vocabulary 50257)`.
  public var description: String {
    modelDescription(
      "GPT2", layers: counted(configuration.layerCount, "layer"),
      hiddenSize: configuration.hiddenSize,
      headCount: configuration.headCount, vocabularySize: vocabularySize)
  }
}

extension Llama: CustomStringConvertible {
  /// The family and the sizes, such as `Llama(qwen3, 28 layers, hidden size 1024, 16 heads, vocabulary
  /// 151936)`.
  public var description: String {
    modelDescription(
      "Llama",
      layers:
        "\(configuration.family.rawValue), \(counted(configuration.layerCount, "layer"))",
      hiddenSize: configuration.hiddenSize, headCount: configuration.headCount,
      vocabularySize: vocabularySize)
  }
}

extension T5: CustomStringConvertible {
  /// The sizes, such as `T5(6 + 6 layers, hidden size 512, 8 heads, vocabulary 32128)`.
  public var description: String {
    let layers =
      "\(configuration.encoderLayerCount) + \(counted(configuration.decoderLayerCount, "layer"))"
    return modelDescription(
      "T5", layers: layers, hiddenSize: configuration.hiddenSize,
      headCount: configuration.headCount,
      vocabularySize: vocabularySize)
  }
}

extension BART: CustomStringConvertible {
  /// The family and the sizes, such as `Marian(6 + 6 layers, hidden size 512, 8 heads, vocabulary 58101)`.
  public var description: String {
    let (encoder, decoder) = (configuration.encoder, configuration.decoder)
    return modelDescription(
      configuration.family.traits.name,
      layers: "\(encoder.layerCount) + \(counted(decoder.layerCount, "layer"))",
      hiddenSize: configuration.hiddenSize, headCount: decoder.headCount,
      vocabularySize: vocabularySize)
  }
}

private func modelDescription(
  _ name: String, layers: String, hiddenSize: Int, headCount: Int, vocabularySize: Int
) -> String {
  DescriptionText.parts(
    name, layers, "hidden size \(hiddenSize)", counted(headCount, "head"),
    "vocabulary \(vocabularySize)")
}

extension PackedTokens: CustomStringConvertible {
  /// The sizes, such as `PackedTokens(8 tokens, lengths [5, 3])`.
  public var description: String {
    "PackedTokens(\(counted(ids.count, "token")), lengths \(DescriptionText.list(lengths)))"
  }
}

// MARK: - Configurations

extension BERT.Configuration: CustomStringConvertible {
  /// The properties by name.
  public var description: String { DescriptionText.properties("BERT.Configuration", of: self) }
}

extension GPT2.Configuration: CustomStringConvertible {
  /// The properties by name.
  public var description: String { DescriptionText.properties("GPT2.Configuration", of: self) }
}

extension Llama.Configuration: CustomStringConvertible {
  /// The properties by name.
  public var description: String { DescriptionText.properties("Llama.Configuration", of: self) }
}

extension T5.Configuration: CustomStringConvertible {
  /// The properties by name.
  public var description: String { DescriptionText.properties("T5.Configuration", of: self) }
}

extension BART.Configuration: CustomStringConvertible {
  /// The properties by name.
  public var description: String { DescriptionText.properties("BART.Configuration", of: self) }
}

extension BART.Configuration.Stack: CustomStringConvertible {
  /// The properties by name.
  public var description: String { DescriptionText.properties("Stack", of: self) }
}
