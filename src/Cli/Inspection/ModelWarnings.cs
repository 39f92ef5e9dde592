using System.Security.Cryptography;
using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Cli.Inspection;

/// <summary>Looks through a model for what surprises people later. Each rule is a method that gives a sentence or nothing.</summary>
internal sealed class ModelWarnings
{
    // What ONNX Runtime promises to run, and what the operators' records can be upgraded from.
    private const long OldestRun = 7;
    private const long OldestUpgraded = 6;
    private const int LargeBytes = 64 << 10;
    private const int WorthMergingBytes = 1 << 10;
    private const int Named = 3;

    private static readonly string[] Normalisations = ["BatchNormalization", "GroupNormalization", "InstanceNormalization", "LayerNormalization", "LRN"];

    private readonly Model _model;
    private readonly Graph _graph;
    private readonly List<Node> _nodes;
    private readonly HashSet<Value> _weights;
    private readonly SelfDescription _self;

    private ModelWarnings(Model model, SelfDescription self)
    {
        (_model, _graph, _self) = (model, model.Graph, self);
        _nodes = [.. model.AllGraphs().SelectMany(graph => graph.Nodes)];
        _weights = [.. _graph.Initializers, .. _graph.Nodes.Where(node => node.OpType is "Constant" or "ConstantOfShape").SelectMany(node => node.Outputs.OfType<Value>())];
    }

    /// <summary>What is to be said of a model, the gravest first.</summary>
    public static IReadOnlyList<Warning> Of(Model model, SelfDescription self)
    {
        var rules = new ModelWarnings(model, self);
        (string Kind, string? Text)[] found =
        [
            ("quantised", rules.Quantised()),
            ("folded-batchnorm", rules.FoldedBatchNorm()),
            ("unknown-operators", rules.UnknownOperators()),
            ("random", rules.Random()),
            ("old-opset", rules.OldOpset()),
            ("new-opset", rules.NewOpset()),
            ("fixed-batch", rules.FixedBatch()),
            ("open-axes", rules.OpenAxes()),
            ("constant-nodes", rules.ConstantNodes()),
            ("typed-weights", rules.TypedWeights()),
            ("external-weights", rules.ExternalWeights()),
            ("unused", rules.Unused()),
            ("duplicates", rules.Duplicates()),
            ("self", self.Problem is { } problem ? $"What the file says of itself cannot be read: {problem}" : null),
            ("metadata", rules.MissingMetadata()),
        ];
        return [.. found.Where(warning => warning.Text is not null).Select(warning => new Warning(warning.Kind, warning.Text!))];
    }

    private string? Quantised()
    {
        var operators = Operators(node => IsOnnx(node) && (node.OpType.StartsWith("QLinear", StringComparison.Ordinal) || node.OpType.EndsWith("Integer", StringComparison.Ordinal)
            || node.OpType.EndsWith("QuantizeLinear", StringComparison.Ordinal) || node.OpType == "DequantizeLinear"));
        return operators.Length == 0 ? null : $"The model is quantised ({operators}): it runs, but cannot be trained.";
    }

    /// <summary>
    /// Residual sums and depthwise convolutions came with BatchNormalization; where all convolutions have a bias instead, an export has folded it.
    /// VGG, AlexNet and SqueezeNet never had it and are not suspected.
    /// </summary>
    private string? FoldedBatchNorm()
    {
        var convolutions = _graph.Nodes.Where(node => IsOnnx(node) && node.OpType == "Conv").ToList();
        return convolutions.Count < 4 || _nodes.Exists(node => Normalisations.Contains(node.OpType))
            || !convolutions.TrueForAll(node => node.Input(2) is { } bias && _weights.Contains(bias))
            || !(convolutions.Exists(IsDepthwise) || _graph.Nodes.Any(IsResidualSum))
            ? null
            : $"Training this file needs care: BatchNormalization has been folded into its {convolutions.Count} convolutions. It runs faster so, but learns badly; an export in training mode keeps it.";
    }

    private string? UnknownOperators()
    {
        var functions = _model.Functions.Select(function => (function.Domain, function.Name)).ToHashSet();
        var operators = Operators(node => OpTable.Find(node.Domain, node.OpType) is null && !functions.Contains((node.Domain, node.OpType)));
        return operators.Length == 0 ? null : $"Operators that are not known here: {operators}. Their shapes and costs are not counted, and no pass touches them.";
    }

    private string? Random()
    {
        var operators = Operators(node => OpTable.Find(node.Domain, node.OpType) is { Blank: { IsRandom: true } and not Dropout });
        return operators.Length == 0 ? null : $"The model draws random numbers ({operators}): its outputs differ from run to run.";
    }

    private string? OldOpset() => _model.OperatorSets[""] switch
    {
        null => _nodes.Exists(IsOnnx) ? "The file does not say which version of ONNX's operators it uses." : null,
        < OldestUpgraded and var version => $"Opset {version} is older than {OldestUpgraded} and cannot be upgraded here: export the model again.",
        < OldestRun and var version => $"Opset {version} is older than {OldestRun}, the oldest that ONNX Runtime promises to run: 'anneal optimize IN OUT' upgrades it.",
        _ => null,
    };

    private string? NewOpset()
    {
        var newest = OpTable.All.Where(entry => entry.Domain.Length == 0).Max(entry => entry.Since[^1]);
        return _model.OperatorSets[""] > newest ? $"Opset {_model.OperatorSets[""]} is newer than {newest}, the newest that is known here: operators may mean something else." : null;
    }

    private string? FixedBatch()
    {
        var fixedInputs = Pictures().Where(input => ShapeOf(input)[0].IsKnown).ToList();
        return fixedInputs.Count == 0
            ? null
            : $"The batch is fixed at {ShapeOf(fixedInputs[0])[0]} ({Names(fixedInputs.Select(input => input.Name))}): every run takes so many pictures, no more and no fewer.";
    }

    private string? OpenAxes()
    {
        var open = Pictures().Where(input => ShapeOf(input).Skip(1).Any(dim => !dim.IsKnown)).ToList();
        return open.Count == 0 ? null : $"Axes other than the batch are open ({Names(open.Select(input => $"{input.Name} {ShapeOf(input)}"))}): what depends on them is not counted.";
    }

    private string? ConstantNodes()
    {
        var large = _nodes.Where(node => IsOnnx(node) && node.OpType == "Constant" && node.Attribute("value") is { Kind: AttributeKind.Tensor } value && BytesOf(value.AsTensor()) >= LargeBytes).ToList();
        return large.Count == 0
            ? null
            : $"{Quantity.Of(large.Count, "large tensor")} ({Quantity.Bytes(large.Sum(node => BytesOf(node.Attribute("value")!.AsTensor())))}) stand in Constant nodes instead of initializers.";
    }

    private string? TypedWeights()
    {
        var typed = _graph.Initializers.Select(value => value.Initializer!).Where(tensor => tensor.Storage == TensorStorage.Typed && BytesOf(tensor) >= WorthMergingBytes).ToList();
        return typed.Count == 0
            ? null
            : $"{Quantity.Of(typed.Count, "tensor")} ({Quantity.Bytes(typed.Sum(BytesOf))}) lie in typed fields instead of raw bytes: they load more slowly and are copied.";
    }

    private string? ExternalWeights()
    {
        var files = _graph.Initializers.Select(value => value.Initializer!.External?.Location).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return files.Count == 0 ? null : $"Weights lie in {Names(files)} beside the model: the files belong together.";
    }

    private string? Unused()
    {
        var nodes = _graph.Nodes.Where(node => node.Outputs.OfType<Value>().All(IsUnused)).ToList();
        var weights = _graph.Initializers.Where(IsUnused).ToList();
        if (nodes.Count + weights.Count == 0)
            return null;
        var what = string.Join(" and ", new[] { (nodes.Count, "node"), (weights.Count, "initializer") }.Where(pair => pair.Item1 > 0).Select(pair => Quantity.Of(pair.Item1, pair.Item2)));
        return $"{what} lead nowhere ({Names(nodes.Select(node => node.Title).Concat(weights.Select(value => $"'{value.Name}'")))}).";
    }

    private string? Duplicates()
    {
        var copies = _graph.Initializers.Select(value => value.Initializer!)
            .Where(tensor => tensor.HasElements && tensor.DType.Bits() > 0 && BytesOf(tensor) >= WorthMergingBytes)
            .GroupBy(tensor => (tensor.DType, string.Join(',', tensor.Dims.ToArray()), Convert.ToHexString(SHA256.HashData(tensor.Bytes.Span))))
            .SelectMany(group => group.Skip(1)).ToList();
        return copies.Count == 0 ? null : $"{Quantity.Of(copies.Count, "tensor")} ({Quantity.Bytes(copies.Sum(BytesOf))}) are copies of others.";
    }

    private string? MissingMetadata()
    {
        var keys = _model.Metadata.Select(entry => entry.Key).ToList();
        (bool IsThere, string What)[] facts =
        [
            (_self.Facts?.Card is not null || keys.Exists(key => key.StartsWith("Image.", StringComparison.Ordinal)), "how its pictures are prepared (Image.*)"),
            (Says("label") || Says("class"), "what its classes are called"),
            (_self.Facts?.Card?.Licence is not null || Says("licen"), "its licence"),
            (_model.ProducerName.Length > 0, "what made it"),
        ];
        var missing = facts.Where(fact => !fact.IsThere).Select(fact => fact.What).ToList();
        return missing.Count == 0 ? null : $"The file does not say {string.Join(", ", missing)}.";

        bool Says(string word) => keys.Exists(key => key.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    private bool IsDepthwise(Node node) => node.Attribute("group") is { Kind: AttributeKind.Int } group && group.AsInt() > 1
        && node.Input(1) is { Initializer: { Dims.Length: > 1 } w } && w.Dims[1] == 1;

    private bool IsResidualSum(Node node) => IsOnnx(node) && node.OpType is "Add" or "Sum" && node.Inputs.Count(input => input is not null) > 1
        && node.Inputs.All(input => input is not null && !_weights.Contains(input));

    private IEnumerable<Value> Pictures() => _graph.RequiredInputs.Where(input => input.Type is TensorType { Shape.Rank: > 1 });

    private static Shape ShapeOf(Value input) => ((TensorType)input.Type!).Shape!;

    private static bool IsOnnx(Node node) => node.Domain is "" or "ai.onnx";

    private static bool IsUnused(Value value) => value.Uses.Count == 0 && !value.IsOutput;

    private static long BytesOf(TensorData tensor) => tensor.DType.Bits() == 0 ? 0 : tensor.DType.ByteLength(tensor.ElementCount);

    private string Operators(Predicate<Node> match) => Names(_nodes.FindAll(match)
        .Select(node => IsOnnx(node) ? node.OpType : $"{node.Domain}.{node.OpType}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    /// <summary>The first few, and how many more there are.</summary>
    private static string Names(IEnumerable<string> names)
    {
        var all = names.ToList();
        return string.Join(", ", all.Take(Named)) + (all.Count > Named ? $" and {all.Count - Named} more" : "");
    }
}
