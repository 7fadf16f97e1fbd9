// An index is made of embedders, tensors and errors of these modules: `import AttentionSearch` is enough.
@_exported import AttentionModels
