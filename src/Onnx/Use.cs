namespace Anneal.Onnx;

/// <summary>One place where a value is used: an input of a node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Index">The number of the input, from 0.</param>
public readonly record struct Use(Node Node, int Index);
