namespace Anneal.Onnx.Ops;

/// <summary>The family of recurrent layers.</summary>
internal static class Recurrent
{
    public static IEnumerable<OpEntry> Entries =>
    [
        new(new GRU(), [1, 3, 7, 14, 22], 3, 6, 2),
        new(new LSTM(), [1, 7, 14, 22], 3, 8, 3),
        new(new RNN(), [1, 7, 14, 22], 3, 6, 2),
    ];
}

/// <summary>
/// A layer that runs over a sequence and hands a state [hidden] on: x [sequence,batch,input], w and r with a matrix for each gate and direction, to
/// y [sequence,directions,batch,hidden] and the last states [directions,batch,hidden]. With <see cref="Layout"/> 1 the batch comes first.
/// </summary>
public abstract record RecurrentLayer : Op
{
    private protected RecurrentLayer() { }

    /// <summary>α of those activations that have one, in their order; null means each one's default.</summary>
    public AttributeList<float>? ActivationAlpha { get; init; }

    /// <summary>β of those activations that have one, in their order; null means each one's default.</summary>
    public AttributeList<float>? ActivationBeta { get; init; }

    /// <summary>The activations by name, for each direction in turn; null means sigmoid for gates and tanh for states.</summary>
    public AttributeList<string>? Activations { get; init; }

    /// <summary>What activations receive is held between -clip and clip; null for no limit.</summary>
    public float? Clip { get; init; }

    /// <summary><c>forward</c>, <c>reverse</c> or <c>bidirectional</c>.</summary>
    public string Direction { get; init; } = "forward";

    /// <summary>The length of the state; null means that of the recurrent weights.</summary>
    public long? HiddenSize { get; init; }

    /// <summary>0: the sequence is the first axis; 1: the batch is.</summary>
    public long Layout { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => this with
    {
        ActivationAlpha = attributes.Floats("activation_alpha", ActivationAlpha),
        ActivationBeta = attributes.Floats("activation_beta", ActivationBeta),
        Activations = attributes.Texts("activations", Activations),
        Clip = attributes.OptionalFloat("clip", Clip),
        Direction = attributes.Text("direction", Direction, "forward"),
        HiddenSize = attributes.OptionalInt("hidden_size", HiddenSize),
        Layout = attributes.Int("layout", Layout, 0),
    };

    internal sealed override void Infer(Inference facts)
    {
        if (Direction is not ("forward" or "reverse" or "bidirectional"))
            throw facts.Refuse($"direction '{Direction}' is none of forward, reverse, bidirectional");
        if (Layout is not (0 or 1))
            throw facts.Refuse($"layout {Layout} is neither 0 nor 1");
        var x = Cube(facts, 0, "x [sequence,batch,input]");
        Dim directions = Direction == "bidirectional" ? 2 : 1;
        facts.Same(directions, Cube(facts, 1, "w [directions,gates·hidden,input]")[0], "the directions and the first axis of w");
        var recurrent = Cube(facts, 2, "r [directions,gates·hidden,hidden]");
        var hidden = facts.Same(HiddenSize is { } size ? size : Dim.Unknown, recurrent[2], "hidden_size and the last axis of r");
        var last = Layout == 0 ? new Shape(directions, x[1], hidden) : new Shape(x[0], directions, hidden);
        facts.Output(0, facts.DType(0), Layout == 0 ? new(x[0], directions, x[1], hidden) : new(x[0], x[1], directions, hidden));
        facts.Output(1, facts.DType(0), last);
        facts.Output(2, facts.DType(0), last);
    }

    /// <summary>Weights, biases and, of an LSTM, peepholes; first states are given.</summary>
    internal sealed override bool IsLearnable(int input) => input is 1 or 2 or 3 or 7;

    private static Shape Cube(Inference facts, int index, string what) => facts.Shape(index) switch
    {
        null => new(Dim.Unknown, Dim.Unknown, Dim.Unknown),
        { Rank: 3 } shape => shape,
        _ => throw facts.Refuse($"{what} should have 3 axes"),
    };

    /// <summary>How many gates compute a new state from input and last state.</summary>
    private protected abstract int Gates { get; }

    /// <summary>How many operations make the new state out of the gates.</summary>
    private protected abstract int StateOperations { get; }

    /// <summary>Each gate multiplies input and last state, adds its bias, and is activated.</summary>
    internal sealed override Cost Count(CostFacts facts)
    {
        var (states, width) = (facts.Elements(0) / facts.Extent(0, 2) * facts.Extent(1, 0) * facts.Extent(2, 2), facts.Extent(0, 2) + facts.Extent(2, 2));
        return new(states * Gates * width, states * ((2 * Gates) + StateOperations));
    }
}

/// <summary>
/// A layer of gated recurrent units (ONNX operator <c>GRU</c>). Inputs: x, w, r, biases, sequence lengths, first state; the last three may be left
/// out. Outputs: all states, the last state.
/// </summary>
public sealed record GRU : RecurrentLayer
{
    /// <summary>Whether the reset gate works on the product with r rather than on the state before it.</summary>
    public bool LinearBeforeReset { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => (GRU)base.Through(attributes) with
    {
        LinearBeforeReset = attributes.Flag("linear_before_reset", LinearBeforeReset, false),
    };

    private protected override int Gates => 3;

    private protected override int StateOperations => 4;
}

/// <summary>
/// A layer of long short-term memory (ONNX operator <c>LSTM</c>). Inputs: x, w, r, biases, sequence lengths, first state, first cell, peepholes; all but
/// the first three may be left out. Outputs: all states, the last state, the last cell.
/// </summary>
public sealed record LSTM : RecurrentLayer
{
    /// <summary>Whether the forget gate is one minus the input gate.</summary>
    public bool InputForget { get; init; }

    private protected override Op Through(AttributeVisitor attributes) => (LSTM)base.Through(attributes) with
    {
        InputForget = attributes.Flag("input_forget", InputForget, false),
    };

    private protected override int Gates => 4;

    private protected override int StateOperations => 5;
}

/// <summary>
/// A layer whose state is one activation of input and last state (ONNX operator <c>RNN</c>). Inputs: x, w, r, biases, sequence lengths, first state; the
/// last three may be left out. Outputs: all states, the last state.
/// </summary>
public sealed record RNN : RecurrentLayer
{
    private protected override int Gates => 1;

    private protected override int StateOperations => 0;
}
