extension String {
  /// The class at the end of a Python path: `Tanh` of `torch.nn.modules.activation.Tanh`.
  var className: String { split(separator: ".").last.map(String.init) ?? self }
}
