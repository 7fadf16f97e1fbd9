// Model folders and errors are part of every signature: `import Tokenizers` is enough to name them.
@_exported import AttentionCore
