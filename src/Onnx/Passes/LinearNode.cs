using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes;

/// <summary>
/// A node that multiplies its first input by a constant weight and adds a constant bias, seen by channels: Conv, ConvTranspose, Gemm, and MatMul
/// together with the Add behind it.
/// </summary>
internal sealed class LinearNode
{
    private const int WeightInput = 1;

    // A MatMul has no bias of its own.
    private const int NoInput = -1;

    private readonly Node _bias;
    private readonly int _biasInput;
    private readonly double _factor;

    private LinearNode(Node node, TensorData weight, ChannelIndex outputs, Node bias, int biasInput, double factor = 1)
    {
        (Node, Weight, Outputs, _bias, _biasInput, _factor) = (node, weight, outputs, bias, biasInput, factor);
        Channels = (int)outputs.Channels(weight.ElementCount);
        Bias = new double[Channels];
    }

    /// <summary>The node that holds the weight.</summary>
    public Node Node { get; }

    /// <summary>The weight.</summary>
    public TensorData Weight { get; }

    /// <summary>Which channel of the output an element of the weight makes.</summary>
    public ChannelIndex Outputs { get; }

    /// <summary>Which channel of the input an element of the weight takes; null when a shift of the input is no shift of the output.</summary>
    public ChannelIndex? Inputs { get; private init; }

    /// <summary>How many channels the output has.</summary>
    public int Channels { get; }

    /// <summary>How many axes the output has; null for a MatMul of which that is not known.</summary>
    public int? Rank { get; private init; }

    /// <summary>The output's axis of channels, when the rank is known.</summary>
    public int Axis { get; private init; } = 1;

    /// <summary>What is added to each channel of the output.</summary>
    public double[] Bias { get; private init; }

    /// <summary>The output, bias included.</summary>
    public Value Output => _bias.Outputs[0]!;

    /// <summary>Reads a node; null when it is of another kind, or weight or bias are not constant, not here, or of another type than real numbers.</summary>
    /// <exception cref="InvalidModelException">The node's attributes are not those of its operator.</exception>
    public static LinearNode? Read(Node node)
    {
        if (node.Domain is not ("" or "ai.onnx") || node.Output(0) is null || node.Input(WeightInput).Constant() is not { } weight)
            return null;
        if (!weight.DType.IsReal() || weight.ElementCount == 0)
            return null;
        return node.OpType switch
        {
            "Conv" => OfConv(node, weight, Read<Conv>(node)),
            "ConvTranspose" => OfConvTranspose(node, weight, Read<ConvTranspose>(node).Group),
            "Gemm" => OfGemm(node, weight, Read<Gemm>(node)),
            "MatMul" => OfMatMul(node, weight),
            _ => null,
        };
    }

    /// <summary>Makes the node do what it does and then a map of the output's channels: W' = scale W, b' = scale b + shift.</summary>
    /// <returns>Whether it was possible: every new number is finite.</returns>
    public bool Append(ChannelAffine map)
    {
        var weights = Weight.ToDoubles();
        for (var i = 0; i < weights.Length; i++)
            weights[i] *= map.Scale[Outputs[i]];
        return Write(weights, [.. Bias.Select((bias, m) => (map.Scale[m] * bias) + map.Shift[m])]);
    }

    /// <summary>Makes the node do a map of the input's channels first: W' = W scale, b' = b + W shift.</summary>
    /// <returns>Whether it was possible: a shift of the input is one of the output, and every new number is finite.</returns>
    public bool Prepend(ChannelAffine map)
    {
        if (Inputs is not { } inputs || inputs.Channels(Weight.ElementCount) != map.Scale.Length)
            return false;
        var weights = Weight.ToDoubles();
        double[] bias = [.. Bias];
        for (var i = 0; i < weights.Length; i++)
        {
            var c = inputs[i];
            bias[Outputs[i]] += _factor * weights[i] * map.Shift[c];
            weights[i] *= map.Scale[c];
        }
        return Write(weights, bias);
    }

    private static T Read<T>(Node node) where T : Op => (T)OpTable.Find("", node.OpType)!.Read(node);

    /// <summary>Weight [M,C/group,k…].</summary>
    private static LinearNode? OfConv(Node node, TensorData weight, Conv conv)
    {
        var (rank, group) = (weight.Dims.Length, conv.Group);
        if (rank < 3 || group < 1 || weight.Dims[0] % group != 0)
            return null;
        var (m, c) = (weight.Dims[0], weight.Dims[1]);
        var perOutput = weight.ElementCount / m;
        var isUnpadded = conv.Window.AutoPad is "NOTSET" or "VALID" && (conv.Window.Pads ?? []).All(pad => pad == 0);
        return new LinearNode(node, weight, new(weight.ElementCount, m, perOutput), node, 2)
        {
            Rank = rank,
            Inputs = isUnpadded ? new(m / group * perOutput, c, perOutput / c) : null,
        }.WithBias([m]);
    }

    /// <summary>Weight [C,M/group,k…].</summary>
    private static LinearNode? OfConvTranspose(Node node, TensorData weight, long group)
    {
        var rank = weight.Dims.Length;
        if (rank < 3 || group < 1 || weight.Dims[0] % group != 0)
            return null;
        var (perGroup, perInput) = (weight.Dims[1], weight.ElementCount / weight.Dims[0]);
        return new LinearNode(node, weight, new(weight.Dims[0] / group * perInput, perGroup, perInput / perGroup), node, 2) { Rank = rank }
            .WithBias([perGroup * group]);
    }

    /// <summary>Weight [K,N], or [N,K] with transB.</summary>
    private static LinearNode? OfGemm(Node node, TensorData weight, Gemm gemm)
    {
        if (weight.Dims.Length != 2)
            return null;
        var (rows, columns) = (weight.Dims[0], weight.Dims[1]);
        var (byRow, byColumn) = (new ChannelIndex(weight.ElementCount, rows, columns), new ChannelIndex(weight.ElementCount, columns, 1));
        var linear = new LinearNode(node, weight, gemm.TransB ? byRow : byColumn, node, 2, gemm.Alpha)
        {
            Rank = 2,
            Inputs = gemm.TransA ? null : gemm.TransB ? byColumn : byRow,
        };
        return linear.WithBias(ChannelAffine.PerChannel(node.Input(2), linear.Channels, 2, 1), gemm.Beta);
    }

    /// <summary>Weight [K,N]; an Add behind the node that takes one number for each column is its bias.</summary>
    private static LinearNode? OfMatMul(Node node, TensorData weight)
    {
        if (weight.Dims.Length != 2 || node.Inputs.Count != 2)
            return null;
        var (output, outputs) = (node.Outputs[0]!, new ChannelIndex(weight.ElementCount, weight.Dims[1], 1));
        var rank = node.Inputs[0]?.Type is TensorType { Shape.Rank: var known } ? known : (int?)null;
        var (last, channels) = ((rank ?? 1) - 1, (int)weight.Dims[1]);
        if (output.OnlyUser() is { } add && add.Calls("Add") && ChannelAffine.OfArithmetic(add, output, channels, rank, last) is { Shift: var bias }
            && add.Inputs[add.Inputs[0] == output ? 1 : 0]!.Constant()!.DType == weight.DType)
            return new(node, weight, outputs, add, add.Inputs[0] == output ? 1 : 0) { Rank = rank, Axis = last, Bias = bias };
        return new(node, weight, outputs, node, NoInput) { Rank = rank, Axis = last };
    }

    /// <summary>This node with the bias in its third input, a vector; null when there is one that is no such constant.</summary>
    private LinearNode? WithBias(ReadOnlySpan<long> dims)
    {
        if (_bias.Input(_biasInput) is not { } value)
            return this;
        var bias = value.Constant() is { } tensor && tensor.DType == Weight.DType && tensor.Dims.SequenceEqual(dims) ? tensor.ToDoubles() : null;
        return WithBias(bias, 1);
    }

    private LinearNode? WithBias(double[]? bias, double factor)
    {
        if (_bias.Input(_biasInput) is null)
            return this;
        return bias is null ? null : new(Node, Weight, Outputs, _bias, _biasInput, _factor)
        {
            Inputs = Inputs,
            Rank = Rank,
            Axis = Axis,
            Bias = [.. bias.Select(number => number * factor)],
        };
    }

    private bool Write(double[] weights, double[] bias)
    {
        var weight = RealTensor.Round(Weight.Name, Weight.DType, Weight.Dims, weights);
        var shift = RealTensor.Round("", Weight.DType, [Channels], bias);
        if (weight is null || shift is null)
            return false;
        var name = Node.Inputs[WeightInput]!.Name;
        weight.DocString = Weight.DocString;
        Node.SetConstant(WeightInput, weight, name + "_folded");
        if (Array.Exists(bias, number => number != 0) || (_biasInput != NoInput && _bias.Input(_biasInput) is not null))
            WriteBias(shift, BiasName(name));
        return true;
    }

    private void WriteBias(TensorData bias, string name)
    {
        if (_biasInput != NoInput)
        {
            _bias.SetConstant(_biasInput, bias, name);
            _bias.RemoveAttribute("beta");
            return;
        }
        var (graph, product) = (Node.Graph!, Node.Outputs[0]!);
        var value = graph.AddInitializer(bias.WithName(graph.UniqueName(name)));
        var add = graph.InsertNode(graph.IndexOf(Node) + 1, "Add", [], [graph.UniqueName(product.Name + "_biased")]);
        add.Name = Node.Name.Length == 0 ? "" : Node.Name + "_bias";
        add.Outputs[0]!.Type = product.StatedType;
        graph.ReplaceAllUses(product, add.Outputs[0]!);
        add.AddInput(Node.Outputs[0]);
        add.AddInput(value);
    }

    /// <summary>What PyTorch calls the bias beside a weight of that name, or the name with an ending.</summary>
    private static string BiasName(string weight) =>
        weight.EndsWith("weight", StringComparison.Ordinal) ? weight[..^"weight".Length] + "bias" : weight + "_bias";
}
