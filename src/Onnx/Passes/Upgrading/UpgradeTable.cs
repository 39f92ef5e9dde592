using System.Collections.Frozen;
using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes.Upgrading;

/// <summary>
/// What every version after 6 of every operator changed. A version without a step only widened types, added attributes or inputs whose
/// default is what was meant before, or spelled out what was meant. Facts: ONNX, docs/Changelog.md and onnx/defs/*/old.cc.
/// </summary>
internal static class UpgradeTable
{
    private static readonly FrozenDictionary<string, OperatorChange[]> ByOperator = Rows()
        .SelectMany(row => row.Operators.Split(' '), (row, name) => (Name: name, row.Changes))
        .ToFrozenDictionary(row => row.Name, row => row.Changes);

    /// <summary>Every listed operator and version.</summary>
    public static IEnumerable<(string Operator, OperatorChange Change)> All => ByOperator.SelectMany(row => row.Value, (row, change) => (row.Key, change));

    /// <summary>Whether the table says what an operator's later versions changed.</summary>
    public static bool Knows(string op) => ByOperator.ContainsKey(op) || OpTable.Find("", op) is not null;

    /// <summary>The first operator set that an operator can be of.</summary>
    public static int FirstVersion(string op) => ByOperator.GetValueOrDefault(op, []).FirstOrDefault() is { Version: > 0 } first && OpTable.Find("", op)?.Since[0] == first.Version
        ? 1
        : OpTable.Find("", op)?.Since[0] ?? 1;

    /// <summary>Whether an operator is of no operator set any more.</summary>
    public static bool IsWithdrawn(string op, int version) => ByOperator.GetValueOrDefault(op, []).Any(change => change.Withdraws && change.Version <= version);

    /// <summary>What a version asks of older nodes; null when nothing.</summary>
    public static UpgradeStep? Step(string op, int version) => Array.Find(ByOperator.GetValueOrDefault(op, []), change => change.Version == version).Step;

    /// <summary>Whether the form that an operator has in a version is also its current one.</summary>
    public static bool IsCurrentSince(string op, int version) => !ByOperator.GetValueOrDefault(op, []).Any(change => change.Version > version && change.Step is not null);

    private static (string Operators, OperatorChange[] Changes)[] Rows() =>
    [
        ("Add Sub Mul Div", [new(7, OldBroadcasting.Align), .. Same(13, 14)]),
        ("And Or Xor", [new(7, OldBroadcasting.Align)]),
        ("Equal", [new(7, OldBroadcasting.Align), .. Same(11, 13, 19)]),
        ("Greater Less", [new(7, OldBroadcasting.Align), .. Same(9, 13)]),
        ("Pow", [new(7, OldBroadcasting.Align), .. Same(12, 13, 15)]),
        ("PRelu", [new(7, OldBroadcasting.AlignSlope), .. Same(9, 16)]),
        ("Gemm", [new(7, OldBroadcasting.Drop), .. Same(9, 11, 13)]),
        ("Clip", [new(11, AttributesToInputs.Clip), .. Same(12, 13)]),
        ("Abs Ceil Erf Exp Expand Floor Log LRN MeanVarianceNormalization Mod Neg NonZero Reciprocal Sigmoid Sign SpaceToDepth Sqrt Tanh Tile GatherElements SoftmaxCrossEntropyLoss", Same(13)),
        ("Acos Acosh Asin Asinh Atan Atanh Cos Cosh DeformConv Det Elu EyeLike GlobalAveragePool GlobalLpPool GlobalMaxPool HardSigmoid HardSwish InstanceNormalization LpNormalization Mish Round Selu Sin Sinh Softplus Softsign Tan ThresholdedRelu", Same(22)),
        ("Bernoulli Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike", Same(22)),
        ("Relu", Same(13, 14)),
        ("GreaterOrEqual LeakyRelu LessOrEqual Where", Same(16)),
        ("IsInf", Same(20)),
        ("IsNaN", Same(13, 20)),
        ("Max Min", Same(8, 12, 13)),
        ("Mean Sum", Same(8, 13)),
        ("CumSum", Same(14)),
        ("Range", Same(27)),
        ("Celu", Same(28)),

        ("BatchNormalization", [new(7, OldBatchNormalization.DropIsTest), new(9, OldBatchNormalization.DropSpatial), new(14, OldBatchNormalization.DropTrainingOutputs), .. Same(15)]),
        ("GroupNormalization", [new(21, OldGroupNormalization.RepeatForChannels)]),
        ("Dropout", [new(7, OldDropout.DropIsTest), new(10, OldDropout.TypeMask), new(12, AttributesToInputs.Dropout), .. Same(13, 22)]),
        ("Hardmax LogSoftmax Softmax", [.. Same(11), new(13, OldSoftmax.Flatten)]),
        ("NegativeLogLikelihoodLoss", Same(13, 22)),
        ("Conv ConvTranspose MaxUnpool", Same(11, 22)),
        ("AveragePool", Same(7, 10, 11, 19, 22)),
        ("LpPool", Same(11, 18, 22)),
        ("MaxPool", Same(8, 10, 11, 12, 22)),
        ("MatMul", Same(9, 13)),
        ("QLinearMatMul", Same(21)),
        ("DequantizeLinear QuantizeLinear", Same(13, 19, 21, 23, 24, 25)),
        ("GRU LSTM RNN", [new(7, OldNodes.DropOutputSequence), .. Same(14, 22)]),

        ("ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMean ReduceProd ReduceSumSquare", [.. Same(11, 13), new(18, AttributesToInputs.Ints("axes", 1))]),
        ("ReduceMax ReduceMin", [.. Same(11, 12, 13), new(18, AttributesToInputs.Ints("axes", 1)), .. Same(20)]),
        ("ReduceSum", [.. Same(11), new(13, AttributesToInputs.Ints("axes", 1))]),
        ("ArgMax ArgMin", Same(11, 12, 13)),

        ("Squeeze Unsqueeze", [.. Same(11), new(13, AttributesToInputs.Ints("axes", 1)), .. Same(21, 23, 24, 25)]),
        ("Split", [.. Same(11), new(13, AttributesToInputs.Ints("split", 1)), new(18, OldNodes.CountParts)]),
        ("Slice", [new(10, AttributesToInputs.Slice), .. Same(11, 13)]),
        ("Pad", [new(11, AttributesToInputs.Pad), .. Same(13, 18, 19, 21, 23, 24, 25)]),
        ("Reshape", Same(13, 14, 19, 21, 23, 24, 25)),
        ("Flatten", Same(9, 11, 13, 21, 23, 24, 25)),
        ("Transpose", Same(13, 21, 23, 24, 25)),
        ("Concat Gather DepthToSpace", Same(11, 13)),
        ("GatherND", Same(12, 13)),
        ("Scatter", [new(11, OldNodes.RenameScatter) { Withdraws = true }]),
        ("ScatterElements ScatterND", Same(13, 16, 18)),
        ("Compress OneHot", Same(11)),
        ("TopK", [new(10, AttributesToInputs.TopK), .. Same(11, 24)]),
        ("Upsample", [new(7, OldResizing.JoinScales), new(9, AttributesToInputs.Floats("scales", 1)), new(10, OldResizing.RenameUpsample) { Withdraws = true }]),
        ("Resize", [new(11, OldResizing.StatePlaces), new(13, OldResizing.LeaveOutEmptyInputs), .. Same(18, 19)]),

        ("Attention", Same(24, 25)),
        ("DFT", [new(20, OldNodes.MoveDftAxis)]),
        ("GridSample", [new(20, OldNodes.RenameSampling), .. Same(22)]),
        ("MaxRoiPool", Same(22)),
        ("RoiAlign", [new(16, OldNodes.StateRoiPlaces), .. Same(22)]),

        ("Cast", Same(9, 13, 19, 21, 23, 24, 25)),
        ("CastLike", Same(19, 21, 23, 24, 25)),
        ("Constant", Same(9, 11, 12, 13, 19, 21, 23, 24, 25)),
        ("ConstantOfShape", Same(20, 21, 23, 24, 25)),
        ("Identity", Same(13, 14, 16, 19, 21, 23, 24, 25)),
        ("Shape", Same(13, 15, 19, 21, 23, 24, 25)),
        ("Size", Same(13, 19, 21, 23, 24, 25)),
        ("If Loop", Same(11, 13, 16, 19, 21, 23, 24, 25)),
        ("Scan", [new(9, OldScan.LoopOverBatch), .. Same(11, 16, 19, 21, 23, 24, 25)]),
    ];

    private static OperatorChange[] Same(params int[] versions) => Array.ConvertAll(versions, version => new OperatorChange(version, null));
}
