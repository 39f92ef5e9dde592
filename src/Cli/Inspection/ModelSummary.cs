using Anneal.Onnx;

namespace Anneal.Cli.Inspection;

/// <summary>What is to be said of a model at a glance.</summary>
internal sealed class ModelSummary
{
    private readonly Model _model;
    private readonly List<Graph> _graphs;

    public ModelSummary(string path, Model model)
    {
        (Path, _model) = (path, model);
        SizeBytes = new FileInfo(path).Length;
        _graphs = [.. model.AllGraphs()];
        Operators = [.. _graphs.SelectMany(graph => graph.Nodes)
            .GroupBy(node => node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}.{node.OpType}")
            .Select(group => new OperatorCount(group.Key, group.Count()))
            .OrderByDescending(count => count.Nodes).ThenBy(count => count.Operator, StringComparer.Ordinal)];
        Parameters = [.. Tensors().GroupBy(tensor => tensor.DType)
            .Select(group => new ParameterCount(group.Key, group.Count(), group.Sum(tensor => tensor.ElementCount), group.Sum(BytesOf)))
            .OrderByDescending(count => count.Bytes)];
        Work = ModelWork.Of(model);
        Self = SelfDescription.Of(model, System.IO.Path.GetFullPath(path));
        ExternalFiles = [.. Tensors().Select(tensor => tensor.External?.Location).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its length, without external data.</summary>
    public long SizeBytes { get; }

    /// <summary>The version of the format.</summary>
    public long IrVersion => _model.IrVersion;

    /// <summary>The operator sets it uses, each with its version.</summary>
    public IReadOnlyList<OperatorSet> OperatorSets => _model.OperatorSets;

    /// <summary>The program that wrote it, or nothing.</summary>
    public string Producer => $"{_model.ProducerName} {_model.ProducerVersion}".Trim();

    /// <summary>What a caller must feed.</summary>
    public IEnumerable<Value> Inputs => _model.Graph.RequiredInputs;

    /// <summary>What it gives.</summary>
    public IReadOnlyList<Value> Outputs => _model.Graph.Outputs;

    /// <summary>How many nodes there are of each operator, in all graphs, the most frequent first.</summary>
    public IReadOnlyList<OperatorCount> Operators { get; }

    /// <summary>Constants by element type, in all graphs: initializers, and the tensors of Constant nodes.</summary>
    public IReadOnlyList<ParameterCount> Parameters { get; }

    /// <summary>Shapes of layers, and what a run on one picture costs.</summary>
    public ModelWork Work { get; }

    /// <summary>What whoever uses or trains the model should know; worked out when it is asked for, because it hashes the weights.</summary>
    public IReadOnlyList<Warning> Warnings => field ??= ModelWarnings.Of(_model, Self);

    /// <summary>The files beside the model that hold weights.</summary>
    public IReadOnlyList<string> ExternalFiles { get; }

    /// <summary>What it says of itself under this program's keys.</summary>
    public SelfDescription Self { get; }

    /// <summary>The model's own notes.</summary>
    public IReadOnlyList<MetadataEntry> Metadata => _model.Metadata;

    /// <summary>Functions that the file defines.</summary>
    public IEnumerable<Function> Functions => _model.Functions;

    /// <summary>Graphs inside nodes: the branches of If, the bodies of Loop and Scan.</summary>
    public int Subgraphs => _graphs.Count - 1 - _model.Functions.Count;

    /// <summary>What the author wrote about it.</summary>
    public string Description => _model.DocString;

    private IEnumerable<TensorData> Tensors()
    {
        foreach (var graph in _graphs)
        {
            foreach (var value in graph.Initializers)
                yield return value.Initializer!;
            foreach (var value in graph.SparseInitializers)
                if (value.SparseInitializer?.Values is { } values)
                    yield return values;
            foreach (var node in graph.Nodes.Where(node => node is { OpType: "Constant", Domain: "" or "ai.onnx" }))
                if (node.Attribute("value") is { Kind: AttributeKind.Tensor } attribute)
                    yield return attribute.AsTensor();
        }
    }

    private static long BytesOf(TensorData tensor) => tensor.DType == DType.String
        ? tensor.StringBytes.Sum(text => (long)text.Length)
        : tensor.DType.ByteLength(tensor.ElementCount);
}

/// <summary>How often an operator occurs.</summary>
internal sealed record OperatorCount(string Operator, int Nodes);

/// <summary>How many constants of one type there are.</summary>
internal sealed record ParameterCount(DType DType, int Tensors, long Elements, long Bytes);
