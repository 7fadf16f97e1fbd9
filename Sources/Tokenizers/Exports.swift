// Public declarations use the model folders and errors of AttentionCore. `import Tokenizers` imports them.
@_exported import AttentionCore
