using Anneal.Onnx;
using Anneal.Training.Graphs;

namespace Anneal.Training.Nn;

/// <summary>
/// Any ONNX model as a module: its weights are parameters under their names in the file. It starts as the file means it, in use
/// (<see cref="ModuleBase.Eval"/>); after <see cref="ModuleBase.Train"/> BatchNormalization measures its batches and moves its running statistics,
/// as PyTorch does, and Dropout drops.
/// </summary>
/// <remarks>
/// An initializer of float32 or double is a parameter when a node can learn it, directly or through nodes that only move elements:
/// <list type="number">
/// <item>an input that takes weights, by the operator's own record, of Conv, ConvTranspose, DeformConv, Gemm, MatMul, Einsum, BatchNormalization
/// (scale and bias), the other normalisations, PRelu, RNN, LSTM and GRU, and the table, of two axes or more, that Gather takes rows from;</item>
/// <item>an operand of Add, Sub, Mul, Div or Concat with more than one element, behind a node of the first kind: a bias, a scale, a token. Before
/// the first layer such numbers are preprocessing, and a single number is a setting.</item>
/// </list>
/// One initializer that several nodes use is one parameter. Running means and variances are buffers, one for each BatchNormalization.
/// </remarks>
public sealed class OnnxModule : Module
{
    private readonly Model _source;
    private readonly ImportedOrigins _origins = new();
    private readonly Graph _graph;
    private readonly GraphRunner _runner;
    private readonly ImportedTensors _tensors;
    private readonly IReadOnlyList<Node> _quantised;

    /// <summary>A module that computes what a model does. The model stays as it is; older operators are brought to current ones in a copy.</summary>
    /// <param name="model">The model.</param>
    /// <param name="generator">What Dropout draws from; default <see cref="Generator.Default"/>.</param>
    /// <exception cref="AnnealException">A node's operator is unknown or cannot be computed; the message names it.</exception>
    public OnnxModule(Model model, Generator? generator = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        // Tensors are shared, so that this copy is nodes and names alone.
        _source = model.Copy();
        _graph = ImportedGraph.Prepare(model, _origins);
        _quantised = ImportedGraph.Quantised(_graph);
        _tensors = new(_graph);
        foreach (var (name, part) in _tensors.Registered)
            RegisterAsIs(name, part);
        var nodes = new ImportedNodes(() => IsTraining, () => _tensors.Precision, generator ?? Generator.Default);
        _runner = new(_graph, _tensors.Find, nodes.Find);
        Notices = [.. ImportedNotices.Of(_graph, _tensors, _quantised)];
        IsTraining = false;
    }

    /// <summary>What is worth knowing before this model is trained, in full sentences; mostly empty.</summary>
    public IReadOnlyList<string> Notices { get; }

    /// <summary>The names of the inputs that must be given, in their order.</summary>
    public IReadOnlyList<string> InputNames => [.. _graph.RequiredInputs.Select(input => input.Name)];

    /// <summary>The names of the outputs, in their order.</summary>
    public IReadOnlyList<string> OutputNames => [.. _graph.Outputs.Select(output => output.Name)];

    /// <summary>Runs the model.</summary>
    /// <param name="inputs">A tensor for each of <see cref="InputNames"/>, in their order.</param>
    /// <returns>A tensor for each of <see cref="OutputNames"/>, in their order.</returns>
    /// <exception cref="AnnealException">An input does not fit, or the model is quantised and gradients are recorded.</exception>
    public Tensor[] Run(params ReadOnlySpan<Tensor> inputs)
    {
        if (_quantised.Count > 0 && Grad.IsOn)
            throw new AnnealException($"{QuantisedReason} Run it inside Grad.Off().");
        foreach (var (index, declared) in _graph.RequiredInputs.Index())
            if (index < inputs.Length)
                RequireFit(declared, inputs[index]);
        return _runner.Run(inputs);
    }

    /// <summary>Runs the model.</summary>
    /// <param name="inputs">A tensor for each of <see cref="InputNames"/>.</param>
    /// <returns>The outputs by name.</returns>
    /// <exception cref="AnnealException">An input is missing, unknown or does not fit, or the model is quantised and gradients are recorded.</exception>
    public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var names = InputNames;
        if (inputs.Count != names.Count || !names.All(inputs.ContainsKey))
            throw new AnnealException($"{Title} takes the inputs {string.Join(", ", names)}; {string.Join(", ", inputs.Keys)} were given.");
        var outputs = Run([.. names.Select(name => inputs[name])]);
        return _graph.Outputs.Zip(outputs).ToDictionary(pair => pair.First.Name, pair => pair.Second);
    }

    /// <summary>
    /// The model that the module was made of, with the weights that it has now: its nodes, names and operator set, not those that run here. A tensor that
    /// has not changed is the file's own.
    /// </summary>
    /// <exception cref="AnnealException">A weight has changed that the model holds once for several places, which now differ; the message names it.</exception>
    internal Model ToModel()
    {
        var copy = _source.Copy();
        new ImportedReturn(copy, _origins).Run(_tensors.Places);
        return copy;
    }

    /// <summary>Runs a model of one input and gives its first output.</summary>
    protected override Tensor Compute(Tensor x) => InputNames is [_]
        ? Run(x)[0]
        : throw new AnnealException($"{Title} takes {InputNames.Count} inputs ({string.Join(", ", InputNames)}), and {nameof(Forward)} gives one. Use {nameof(Run)}.");

    /// <summary>float32 or double: what the module computes in.</summary>
    internal DType Precision => _tensors.Precision;

    internal override void RequireTrainable()
    {
        if (_quantised.Count > 0)
            throw new AnnealException($"{QuantisedReason} Train the model that it was made from, and quantise again.");
    }

    private protected override void OnConverted(DType dtype) => _tensors.ConvertTo(dtype);

    private protected override IEnumerable<MutableTensor> Constants => _tensors.Constants;

    private string QuantisedReason =>
        $"{Title} cannot be trained: {_quantised.Count} of its nodes compute with rounded numbers, which have no slope "
        + $"({string.Join(", ", _quantised.Take(3).Select(node => node.Title))}{(_quantised.Count > 3 ? ", …" : "")}).";

    /// <summary>
    /// The batch may differ from the file's: many files state the one that they were written with. What the graph then makes of it, its nodes say.
    /// </summary>
    private void RequireFit(Value declared, Tensor given)
    {
        if (declared.Type is not TensorType type)
            return;
        var fitsType = type.ElementType == given.DType || (type.ElementType.IsFloat() && given.DType == _tensors.Precision);
        var fitsShape = type.Shape is not { } shape
            || (shape.Rank == given.Rank && shape.Index().Skip(1).All(axis => !axis.Item.IsKnown || axis.Item.Value == given.Shape[axis.Index]));
        if (!fitsType || !fitsShape)
            throw new ShapeMismatchException($"{Title}: input '{declared.Name}' is {type}; {given.DType} {given.Shape} was given.");
    }
}
