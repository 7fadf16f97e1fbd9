// Models consist of this module's tensors and layers: `import AttentionModels` is enough to use both.
@_exported import Attention
