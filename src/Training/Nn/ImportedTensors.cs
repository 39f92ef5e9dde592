using Anneal.Onnx;

namespace Anneal.Training.Nn;

/// <summary>The constants of an imported graph as tensors: parameters, running statistics, and numbers that stay.</summary>
internal sealed class ImportedTensors
{
    private readonly Dictionary<Value, MutableTensor> _tensors = [];
    private readonly List<StateTensor> _constants = [];
    private readonly OrderedDictionary<string, MutableTensor> _registered = [];
    private readonly List<(Value Value, MutableTensor Part)> _places = [];

    public ImportedTensors(Graph graph)
    {
        var rule = new ImportedWeights(graph);
        foreach (var value in graph.SelfAndSubgraphs().SelectMany(g => g.Initializers))
            if (value.Initializer is { DType: DType.Float32 or DType.Double } data)
                Add(value, Tensor.From(data), rule);
        Precision = _registered.Values.Select(part => (DType?)part.DType).FirstOrDefault() ?? DType.Float32;
    }

    /// <summary>Parameters and running statistics, by the names that the file gives them.</summary>
    public IEnumerable<(string Name, MutableTensor Part)> Registered => _registered.Select(named => (named.Key, named.Value));

    /// <summary>As <see cref="Registered"/>, by the values of the graph that they stand for.</summary>
    public IReadOnlyList<(Value Value, MutableTensor Part)> Places => _places;

    /// <summary>The numbers that stay.</summary>
    public IEnumerable<MutableTensor> Constants => _constants;

    /// <summary>float32 or double: what the module computes in.</summary>
    public DType Precision { get; private set; }

    /// <summary>The tensor of a value; null leaves it to the runner.</summary>
    public Tensor? Find(Value value) => _tensors.GetValueOrDefault(value);

    /// <summary>Converts the numbers that stay; what is registered is converted by the module.</summary>
    public void ConvertTo(DType dtype)
    {
        Precision = dtype;
        foreach (var constant in _constants)
            constant.ConvertTo(dtype);
    }

    private void Add(Value value, Tensor tensor, ImportedWeights rule)
    {
        if (rule.IsParameter(value))
            Register(value, new Parameter(tensor));
        else if (ImportedWeights.IsStatistic(value))
            Register(value, new StateTensor(tensor));
        else if (ImportedWeights.IsOperand(value))
            _constants.Add(Keep(value, new StateTensor(tensor)));
    }

    private void Register(Value value, MutableTensor part)
    {
        _registered.Add(NameOf(value), Keep(value, part));
        _places.Add((value, part));
    }

    private T Keep<T>(Value value, T part) where T : MutableTensor
    {
        _tensors.Add(value, part);
        return part;
    }

    /// <summary>The name in the file. Graphs inside graphs may use one name twice; then the later ones get a number.</summary>
    private string NameOf(Value value)
    {
        var name = value.Name;
        for (var i = 2; _registered.ContainsKey(name); i++)
            name = $"{value.Name}_{i}";
        return name;
    }
}
