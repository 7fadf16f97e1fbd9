// Models consist of these modules' tensors, layers and tokenizers: `import AttentionModels` is enough to
// use them all.
@_exported import Attention
@_exported import Tokenizers
