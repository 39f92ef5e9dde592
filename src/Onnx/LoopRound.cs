namespace Anneal.Onnx;

/// <summary>What the body of a loop is given in each round; see <see cref="GraphBuilder.Loop"/>.</summary>
/// <param name="Number">The number of the round from 0, an int64 scalar.</param>
/// <param name="GoesOn">The condition that held before the round, a bool scalar.</param>
/// <param name="Carried">The values carried from round to round.</param>
public sealed record LoopRound(Value Number, Value GoesOn, IReadOnlyList<Value> Carried);

/// <summary>What the body of a loop gives in each round; see <see cref="GraphBuilder.Loop"/>.</summary>
/// <param name="GoesOn">Whether there is another round, a bool scalar.</param>
/// <param name="Carried">The values carried to the next round, of the types of those that came in.</param>
/// <param name="Stacked">Values that are kept of every round, stacked along a new first axis.</param>
public sealed record LoopResult(Value GoesOn, IReadOnlyList<Value> Carried, IReadOnlyList<Value> Stacked);
