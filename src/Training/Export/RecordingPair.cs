using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Export;

/// <summary>
/// Two recordings of one module with other extents, call by call. Operators, attributes and wiring must be the same: what differs would hold for one
/// extent only. Constants may differ, and are looked at where they are written.
/// </summary>
internal sealed class RecordingPair
{
    private readonly Dictionary<RecordedValue, RecordedValue> _partners = [];

    // By use: equal lists of integers are one tensor, which need not mean the same wherever it is used.
    private readonly Dictionary<(RecordedCall Call, int Input), TensorData> _constants = [];

    /// <exception cref="AnnealException">The recordings differ; the message names the first call in which they do.</exception>
    public RecordingPair(ModuleRecording first, ModuleRecording second)
    {
        _partners.Add(first.Input, second.Input);
        for (var i = 0; i < Math.Min(first.Calls.Count, second.Calls.Count); i++)
            Match(first.Calls[i], second.Calls[i]);
        if (first.Calls.Count != second.Calls.Count)
            throw Parted(first, second);
        if (_partners.GetValueOrDefault(first.Output) != second.Output)
            throw Differ(first.Output.Maker!, "its result is the output with one extent of the input and not with another");
    }

    /// <summary>What a value that was computed in the first recording is in the second.</summary>
    public RecordedValue Other(RecordedValue value) => _partners[value];

    /// <summary>The constant that a call takes in the second recording.</summary>
    public TensorData OtherConstant(RecordedCall call, int input) => _constants[(call, input)];

    private void Match(RecordedCall a, RecordedCall b)
    {
        if (a.Place != b.Place || a.Op.GetType() != b.Op.GetType() || a.Op.Name != b.Op.Name)
            throw Differ(a, $"with other extents of the input {b.Title} is applied in its place");
        if (a.Inputs.Length != b.Inputs.Length || a.Outputs.Count != b.Outputs.Count)
            throw Differ(a, "it has another number of inputs or outputs with other extents of the input");
        if (DifferentAttribute(a.Op, b.Op) is { } attribute)
            throw Differ(a, $"its attribute {attribute} depends on an extent of the input");
        for (var i = 0; i < a.Inputs.Length; i++)
            if (a.Inputs[i] is { Constant: not null } && b.Inputs[i]?.Constant is { } other)
                _constants.Add((a, i), other);
            else if (!AreSame(a.Inputs[i], b.Inputs[i]))
                throw Differ(a, $"its input {i} is another value with other extents of the input");
        foreach (var (mine, theirs) in a.Outputs.Zip(b.Outputs))
            _partners[mine] = theirs;
    }

    private bool AreSame(RecordedValue? a, RecordedValue? b)
    {
        if (a is null || b is null)
            return a == b;
        return a.Mutable is null ? _partners.GetValueOrDefault(a) == b : a.Mutable == b.Mutable;
    }

    private static string? DifferentAttribute(Op a, Op b)
    {
        if (a == b)
            return null;
        var (mine, theirs) = (a.ToAttributes(), b.ToAttributes());
        return mine.Concat(theirs).Select(attribute => attribute.Name).Distinct()
            .FirstOrDefault(name => !HaveSame(mine.FirstOrDefault(one => one.Name == name), theirs.FirstOrDefault(one => one.Name == name)));
    }

    private static bool HaveSame(NodeAttribute? a, NodeAttribute? b) => a is not null && b is not null && a.Kind == b.Kind && a.Kind switch
    {
        AttributeKind.Int => a.AsInt() == b.AsInt(),
        AttributeKind.Ints => a.AsInts().SequenceEqual(b.AsInts()),
        AttributeKind.Float => a.AsFloat().Equals(b.AsFloat()),
        AttributeKind.Floats => a.AsFloats().SequenceEqual(b.AsFloats()),
        AttributeKind.String => a.AsString() == b.AsString(),
        AttributeKind.Strings => a.AsStrings().SequenceEqual(b.AsStrings()),
        AttributeKind.Tensor => RecordedConstant.AreEqual(a.AsTensor(), b.AsTensor()),
        _ => a == b,
    };

    private static AnnealException Parted(ModuleRecording first, ModuleRecording second)
    {
        var (longer, count) = first.Calls.Count > second.Calls.Count ? (first, second.Calls.Count) : (second, first.Calls.Count);
        return Differ(longer.Calls[count], $"it is applied with one extent of the input and not with another: {first.Calls.Count} operators against {second.Calls.Count}");
    }

    private static AnnealException Differ(RecordedCall call, string how) => new(
        $"{call.Title} cannot be written: {how}, so that the file would hold for one extent only. Work on the whole batch with tensors in place of a loop over it or a branch "
        + $"on its extent; or give the axis a fixed extent ({nameof(ExportOptions)}.{nameof(ExportOptions.DynamicBatch)} or {nameof(ExportOptions.DynamicAxes)}).");
}
