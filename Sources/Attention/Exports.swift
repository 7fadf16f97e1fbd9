// Errors and shapes are part of every signature: `import Attention` is enough to name them.
@_exported import AttentionCore
