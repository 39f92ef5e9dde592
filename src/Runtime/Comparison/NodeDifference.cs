using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>How far two sides are apart behind one node.</summary>
/// <param name="Index">Where the node stands among <see cref="Graph.Nodes"/> of the first side's model.</param>
/// <param name="Node">The node.</param>
/// <param name="Difference">The difference of one of its outputs.</param>
public sealed record NodeDifference(int Index, Node Node, ValueDifference Difference);
