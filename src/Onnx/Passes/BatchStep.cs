using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes;

/// <summary>A node, while its batch is being freed: what is known of its inputs, and where in them the pictures lie.</summary>
/// <param name="Op">The operator.</param>
/// <param name="Facts">The node's inference, with an open batch.</param>
/// <param name="Places">Where the pictures lie in each input; those left out are shared.</param>
internal sealed record BatchStep(Op Op, Inference Facts, IReadOnlyList<BatchPlace> Places)
{
    /// <summary>How many axes an input has.</summary>
    public int Rank(int input) => Facts.Rank(input) ?? throw Refuse($"the shape of input {input} is not known");

    /// <summary>How many axes an output has.</summary>
    public int OutputRank => Facts.Outputs[0].Shape?.Rank ?? throw Refuse("the shape of its output is not known for an open batch");

    /// <summary>The axis of pictures in an input, all others being shared.</summary>
    /// <param name="input">The input.</param>
    /// <param name="counted">The first of the inputs that may tell extents, and so depend on the number of pictures.</param>
    public int Only(int input, int counted = int.MaxValue)
    {
        for (var i = 0; i < Places.Count; i++)
            if (i != input && Places[i].Kind != BatchKind.Shared && (Places[i].Kind == BatchKind.Along || i < counted))
                throw Refuse($"input {i} should be the same for every batch and is not");
        return Places[input].Kind == BatchKind.Along ? Places[input].Axis : throw Refuse($"input {input} should hold the pictures and does not");
    }

    /// <summary>Checks that a shared input, broadcast against pictures, has one slice for all of them.</summary>
    /// <param name="input">The input.</param>
    /// <param name="fromEnd">The axis of pictures, from the end: 1 for the last.</param>
    public void RequireOneForAll(int input, int fromEnd)
    {
        if (Facts.Has(input) && Rank(input) >= fromEnd && Facts.Shape(input)![Rank(input) - fromEnd] != 1)
            throw Refuse($"input {input} {Facts.Shape(input)} should have extent 1 where the pictures lie, {fromEnd} from the end");
    }

    /// <summary>Checks that an axis that the operator works along is not that of the pictures.</summary>
    public int Apart(int batch, long axis, string what)
    {
        if (Facts.Axis(axis, Rank(0)) == batch)
            throw Refuse($"{what} axis {axis}, which is that of the pictures");
        return batch;
    }

    /// <summary>An error that names the node and says why its batch cannot be freed.</summary>
    public ShapeMismatchException Refuse(string why) => Facts.Refuse($"the batch cannot be freed: {why}");
}
