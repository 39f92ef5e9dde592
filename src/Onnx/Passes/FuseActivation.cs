using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Passes;

/// <summary>
/// Makes one node of a convolution and what follows it, where the target has such an operator: <c>com.microsoft.FusedConv</c> of ONNX Runtime
/// (inputs x, w, bias, z; y = activation(conv(x, w) + bias + z); ONNX Runtime, docs/ContribOperators.md). For any other target it does nothing.
/// <list type="number">
/// <item>Conv, then Relu, Sigmoid, Tanh, LeakyRelu, HardSigmoid, or Clip with constant bounds → FusedConv.</item>
/// <item>Conv, then Add of a value that has surely the same shape, then an activation as in rule 1 → FusedConv with that value as z.</item>
/// </list>
/// A convolution is taken when it works on float32, the only type that the operator has a kernel for, and nothing else uses the values between. The
/// fused node stands where the activation stood and keeps its name. Rule 2 needs shapes, which are inferred when every operator of the model is in
/// its current version, and otherwise taken from the file.
/// </summary>
/// <param name="target">Who will run the model.</param>
public sealed class FuseActivation(FusionTarget target = FusionTarget.AnyRuntime) : IPass
{
    private const string Microsoft = "com.microsoft";

    /// <inheritdoc/>
    public string Name => "fuse-activation";

    /// <inheritdoc/>
    public bool Run(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (target != FusionTarget.OnnxRuntimeCpu)
            return false;
        var shapes = new Lazy<GraphFacts?>(() => model.FirstOlderNode() is null ? GraphFacts.Infer(model.Graph) : null);
        var changed = false;
        foreach (var graph in Rewritable.MainGraphs(model).ToArray())
            foreach (var node in graph.Nodes.ToArray())
                if (node.Graph is not null && Fuse(node, shapes))
                    changed = true;
        if (changed)
            model.OperatorSets[Microsoft] ??= 1;
        return changed;
    }

    private static bool Fuse(Node conv, Lazy<GraphFacts?> shapes)
    {
        if (!conv.Calls("Conv") || conv.Output(0)?.OnlyUser() is not { } next || !IsFloat32(conv))
            return false;
        if (Activation.Read(next, conv.Outputs[0]!) is { } alone)
            return Replace(conv, next, null, alone);
        return next.Calls("Add") && next.Output(0)?.OnlyUser() is { } last && Activation.Read(last, next.Outputs[0]!) is { } activation
            && Other(next, conv.Outputs[0]!) is { } z && HaveOneShape(next, shapes.Value) && Replace(conv, last, z, activation);
    }

    /// <summary>Weights say it; where they are computed, the stated type.</summary>
    private static bool IsFloat32(Node conv) => conv.Input(1)?.Type is TensorType { ElementType: DType.Float32 };

    private static Value? Other(Node add, Value value) => add.Inputs.Count == 2 ? add.Inputs[add.Inputs[0] == value ? 1 : 0] : null;

    /// <summary>Whether neither input of an Add is stretched: the fused operator would refuse that.</summary>
    private static bool HaveOneShape(Node add, GraphFacts? facts)
    {
        var (a, b) = (ShapeOf(add.Inputs[0]!, facts), ShapeOf(add.Inputs[1]!, facts));
        return a is not null && a.Equals(b) && !a.Any(dim => dim.IsUnknown);
    }

    private static Shape? ShapeOf(Value value, GraphFacts? facts) => facts?[value].Shape ?? (value.Type as TensorType)?.Shape;

    /// <summary>Rules 1 and 2: the activation's node becomes the fused one, so that its output and all that is written of it stay.</summary>
    private static bool Replace(Node conv, Node last, Value? z, Activation activation)
    {
        Node?[] gone = [z is null ? null : conv.Outputs[0]!.OnlyUser(), conv];
        Value?[] parameters = [.. last.Inputs.Skip(1)];
        last.TrimInputs(0);
        foreach (var input in (Value?[])(z is null ? [.. conv.Inputs] : [conv.Input(0), conv.Input(1), conv.Input(2), z]))
            last.AddInput(input);
        foreach (var attribute in last.Attributes.ToArray())
            last.RemoveAttribute(attribute.Name);
        foreach (var attribute in conv.Attributes.Concat(activation.Attributes))
            last.SetAttribute(attribute);
        (last.Domain, last.OpType) = (Microsoft, "FusedConv");
        foreach (var node in gone.OfType<Node>())
            node.RemoveWithConstants();
        foreach (var parameter in parameters.OfType<Value>())
            parameter.RemoveIfUnused();
        return true;
    }

    /// <summary>An activation as attributes of the fused operator.</summary>
    private sealed record Activation(string Name, params float[] Parameters)
    {
        public IEnumerable<NodeAttribute> Attributes => Parameters.Length == 0
            ? [NodeAttribute.Of("activation", Name)]
            : [NodeAttribute.Of("activation", Name), NodeAttribute.Of("activation_params", Parameters)];

        /// <summary>Reads a node that takes the value first; null when it is no activation that the operator has.</summary>
        public static Activation? Read(Node node, Value x)
        {
            if (node.Domain is not ("" or "ai.onnx") || node.Input(0) != x || node.Output(0) is null)
                return null;
            return node.OpType switch
            {
                "Relu" or "Sigmoid" or "Tanh" => new(node.OpType),
                "LeakyRelu" => new(node.OpType, Number(node, "alpha", 0.01f)),
                "HardSigmoid" => new(node.OpType, Number(node, "alpha", 0.2f), Number(node, "beta", 0.5f)),
                "Clip" when Bound(node, 1, "min", float.MinValue) is { } min && Bound(node, 2, "max", float.MaxValue) is { } max => new(node.OpType, min, max),
                _ => null,
            };
        }

        private static float Number(Node node, string attribute, float byDefault) => node.Attribute(attribute)?.AsFloat() ?? byDefault;

        /// <summary>A bound of Clip: an input, or, before operator set 11, an attribute; null when it is computed.</summary>
        private static float? Bound(Node node, int input, string attribute, float none)
        {
            if (node.Input(input) is not { } value)
                return Number(node, attribute, none);
            return value.Constant() is { DType: DType.Float32, ElementCount: 1 } bound ? bound.As<float>()[0] : null;
        }
    }
}
