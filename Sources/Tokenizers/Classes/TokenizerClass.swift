/// A tokenizer class of the transformers library. The class of a model's folder determines the default
/// special tokens, and how files older than `tokenizer.json` are read.
enum TokenizerClass: String, Sendable, CaseIterable {
  case albert = "AlbertTokenizer"
  case bert = "BertTokenizer"
  case camembert = "CamembertTokenizer"
  case clip = "CLIPTokenizer"
  case debertaV2 = "DebertaV2Tokenizer"
  case gemma = "GemmaTokenizer"
  case gpt2 = "GPT2Tokenizer"
  case llama = "LlamaTokenizer"
  case m2m100 = "M2M100Tokenizer"
  case marian = "MarianTokenizer"
  case mbart = "MBartTokenizer"
  case mbart50 = "MBart50Tokenizer"
  case mpnet = "MPNetTokenizer"
  case nllb = "NllbTokenizer"
  case pegasus = "PegasusTokenizer"
  case qwen2 = "Qwen2Tokenizer"
  case roberta = "RobertaTokenizer"
  case t5 = "T5Tokenizer"
  case xlmRoberta = "XLMRobertaTokenizer"
  /// No defaults: the files define everything.
  case generic = "TokenizersBackend"

  /// The keys of the common special tokens, in the order in which the tokens are added.
  static let specialTokenKeys = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]

  /// The special tokens of the class, by key; the files may override them.
  var defaultTokens: [String: String] {
    switch self {
    case .albert:
      [
        "bos_token": "[CLS]", "eos_token": "[SEP]", "unk_token": "<unk>", "sep_token": "[SEP]",
        "pad_token": "<pad>", "cls_token": "[CLS]", "mask_token": "[MASK]",
      ]
    case .bert:
      [
        "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]",
        "mask_token": "[MASK]",
      ]
    case .debertaV2:
      [
        "bos_token": "[CLS]", "eos_token": "[SEP]", "unk_token": "[UNK]", "sep_token": "[SEP]",
        "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]",
      ]
    case .mpnet:
      [
        "bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>",
        "unk_token": "[UNK]", "pad_token": "<pad>", "mask_token": "<mask>",
      ]
    case .clip:
      [
        "unk_token": "<|endoftext|>", "bos_token": "<|startoftext|>",
        "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>",
      ]
    case .gemma:
      [
        "unk_token": "<unk>", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>",
        "mask_token": "<mask>",
      ]
    case .gpt2:
      [
        "unk_token": "<|endoftext|>", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>",
      ]
    case .llama: ["unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"]
    case .qwen2:
      [
        "unk_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>",
      ]
    case .m2m100:
      [
        "bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "unk_token": "<unk>",
        "pad_token": "<pad>",
      ]
    case .marian: ["eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"]
    case .mbart50:
      [
        "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>", "unk_token": "<unk>",
        "pad_token": "<pad>", "mask_token": "<mask>",
      ]
    case .pegasus:
      [
        "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask_2>",
      ]
    case .camembert, .mbart, .nllb, .roberta, .xlmRoberta:
      [
        "bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>",
        "unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>",
      ]
    case .t5: ["eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"]
    case .generic: [:]
    }
  }

  /// Whether the token called `name` also matches the white space before it, if the files have only its text.
  func stripsLeft(of name: String) -> Bool {
    name == "mask_token" && [.camembert, .mbart, .mbart50, .mpnet].contains(self)
  }

  /// The tokenizer class of each `model_type`. For the model types of "TokenizersBackend", the class in the
  /// files is ignored.
  private static let registered: [String: String] = {
    var classes: [String: String] = [:]
    let types: [TokenizerClass: [String]] = [
      .albert: ["albert", "yoso"],
      .bert: [
        "bert", "bros", "convbert", "distilbert", "electra", "ernie", "layoutlm", "megatron-bert",
        "nezha", "nomic_bert", "qdqbert", "squeezebert", "visual_bert",
      ],
      .camembert: ["camembert"],
      .clip: ["aimv2", "clip", "clipseg", "groupvit", "owlvit"],
      .debertaV2: ["deberta-v2"],
      .gemma: ["gemma", "gemma2", "gemma3", "gemma3_text", "recurrent_gemma", "t5gemma"],
      .gpt2: ["codegen", "dbrx", "gpt2", "gpt_neo", "gptj", "opt", "phi", "starcoder2"],
      .m2m100: ["m2m_100"], .marian: ["marian"], .mbart: ["mbart"], .mbart50: ["mbart50"],
      .mpnet: ["mpnet"],
      .nllb: ["nllb"], .pegasus: ["bigbird_pegasus", "pegasus", "pegasus_x"],
      .qwen2: ["qwen2", "qwen2_moe", "qwen3", "qwen3_moe", "qwen3_next"],
      .roberta: ["bart", "data2vec-text", "longformer", "roberta", "roberta-prelayernorm"],
      .t5: ["mt5", "switch_transformers", "t5"],
      .xlmRoberta: ["gte", "jina_embeddings_v3", "trocr", "xlm-roberta", "xmod"],
      .generic: [
        "glm", "glm4", "gpt_bigcode", "granite", "ministral", "mistral", "mistral3", "mixtral",
        "modernbert", "nemotron", "olmo2", "olmo3", "phi3", "stablelm", "umt5", "xlm-roberta-xl",
      ],
    ]
    for (name, types) in types { for type in types { classes[type] = name.rawValue } }
    return classes
  }()

  /// Model types whose published files name a wrong class.
  private static let misnamed: Set = ["modernbert", "nemotron", "phi3", "qwen2"]

  /// Classes that are equivalent to another class.
  private static let aliases = [
    "BartTokenizer": "RobertaTokenizer", "CodeGenTokenizer": "GPT2Tokenizer",
    "DistilBertTokenizer": "BertTokenizer", "ElectraTokenizer": "BertTokenizer",
    "LEDTokenizer": "RobertaTokenizer", "LongformerTokenizer": "RobertaTokenizer",
    "PreTrainedTokenizer": "TokenizersBackend", "PythonBackend": "TokenizersBackend",
  ]

  /// The class that the transformers library uses for a folder.
  ///
  /// - Parameters:
  ///   - name: `tokenizer_class` of `tokenizer_config.json` or else of `config.json`.
  ///   - modelType: `model_type` of `config.json`.
  /// - Returns: The class. For an unknown class, `.generic` and the name of the unknown class.
  /// - Source: `AutoTokenizer.from_pretrained` of transformers 5.
  static func loading(
    name: String?, modelType: String?
  ) -> (class: TokenizerClass, unknownName: String?) {
    let name = name.map(withoutFast)
    let own = modelType.flatMap { registered[$0] }
    guard let chosen = name ?? own else { return (.generic, nil) }
    if let own, let modelType, own != chosen {
      if own == TokenizerClass.generic.rawValue { return (.generic, nil) }
      return found(misnamed.contains(modelType) ? own : chosen)
    }
    return found(chosen)
  }

  private static func found(_ name: String) -> (class: TokenizerClass, unknownName: String?) {
    let known = TokenizerClass(rawValue: aliases[name] ?? name)
    return (known ?? .generic, known == nil ? name : nil)
  }

  private static func withoutFast(_ name: String) -> String {
    name.hasSuffix("Fast") ? String(name.dropLast(4)) : name
  }
}
