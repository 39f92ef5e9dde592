using Anneal.Onnx;
using Anneal.Onnx.Passes;

namespace Anneal.Training.Tuning;

/// <summary>Gives a model, in place, a head for other classes.</summary>
internal sealed class HeadSurgery
{
    // Gemm adds a bias of fewer axes by itself since version 7 of the operator sets.
    private const long FirstThatBroadcasts = 7;

    private readonly Model _model;
    private readonly HeadPlace _place;
    private readonly int _classCount;
    private readonly HeadDraws _draws;
    private readonly ModelShapes _shapes;
    private readonly List<string> _notices = [];

    public HeadSurgery(Model model, HeadPlace place, int classCount, Draws draws)
    {
        (_model, _place, _classCount, _draws) = (model, place, classCount, new(draws, place.FeatureCount));
        _shapes = new(model);
    }

    private Graph Graph => _model.Graph;

    /// <summary>Does it.</summary>
    public NewHead Run()
    {
        var leftovers = new Leftovers(Graph);
        var removed = KeepOneOutput();
        var (names, ending) = _place.Layer is { } layer ? Replace(layer) : (Append(), null);
        leftovers.Remove();
        DropTrainingSteps();
        _notices.AddRange(removed.Where(name => name != Graph.Outputs[0].Name).Select(name => $"The output '{name}' is left out of the new model, which has one output: the new classes."));
        RequireClasses();
        return new(_model, names) { Ending = ending, Notices = _notices };
    }

    private List<string> KeepOneOutput()
    {
        var removed = new List<string>();
        for (var i = Graph.Outputs.Count - 1; i >= 0; i--)
            if (Graph.Outputs[i] != _place.Output)
            {
                removed.Add(Graph.Outputs[i].Name);
                Graph.RemoveOutput(i);
            }
        return removed;
    }

    private (IReadOnlyList<string> Names, HeadEnding? Ending) Replace(HeadLayer layer)
    {
        var extents = new ClassExtents(layer.ClassCount, _classCount, _shapes);
        var outputType = OutputType(layer, extents);
        var names = layer.Resize(_classCount, _draws);
        foreach (var value in _place.Passed.Select(node => node.Outputs[0]!).Append(layer.Output).Append(layer.Node.Outputs[0]!).Distinct())
            extents.CorrectType(value);
        foreach (var reshape in _place.Passed.Where(node => node.Calls("Reshape")))
            extents.Correct(reshape);
        if (_place.Passed.Count == 0 && layer.Output != _place.Output)
            EndWith(layer.Output, outputType);
        var softmax = _place.Passed.FirstOrDefault(node => node.OpType is "Softmax" or "LogSoftmax");
        return (names, softmax is null ? null : HeadEnding.TakeOff(softmax, outputType));
    }

    /// <summary>The type of what the new model gives, inferred before anything is changed.</summary>
    private TensorType OutputType(HeadLayer layer, ClassExtents extents)
    {
        var output = _place.Passed.Count == 0 ? layer.Output : _place.Output;
        return extents.Corrected(output.StatedType as TensorType ?? _shapes.TypeOf(output) ?? new(DType.Float32));
    }

    private IReadOnlyList<string> Append()
    {
        var type = _shapes.TypeOf(_place.Features)!;
        var (dtype, shape) = (type.ElementType == DType.Undefined ? DType.Float32 : type.ElementType, type.Shape!);
        var features = _place.Features;
        if (shape.Skip(2).Any(extent => extent is not { IsKnown: true, Value: 1 }))
            features = AddNode("GlobalAveragePool", "head.pool", [features]);
        if (shape.Rank > 2)
            features = AddNode("Flatten", "head.flatten", [features], NodeAttribute.Of("axis", 1L));
        var weight = AddConstant("head.weight", _draws.Weight(dtype, [_classCount, _place.FeatureCount], 0));
        var bias = AddConstant("head.bias", _draws.Bias(dtype, [_classCount]));
        var logits = AddNode("Gemm", "head", [features, weight, bias], NodeAttribute.Of("transB", 1L));
        if (_model.OperatorSets[""] < FirstThatBroadcasts)
            logits.Producer!.SetAttribute(NodeAttribute.Of("broadcast", 1L));
        EndWith(logits, new(dtype, new(shape[0], _classCount)));
        return [weight.Name, bias.Name];
    }

    private Value AddNode(string opType, string name, IEnumerable<Value> inputs, params IEnumerable<NodeAttribute> attributes)
    {
        var node = Graph.AddNode(opType, inputs, [Graph.UniqueName(name == "head" ? "logits" : $"{name}_output")], attributes);
        node.Name = Graph.Nodes.Any(other => other.Name == name) ? node.Outputs[0]!.Name : name;
        return node.Outputs[0]!;
    }

    private Value AddConstant(string name, TensorData tensor)
    {
        var value = Graph.AddInitializer(tensor.WithName(Graph.UniqueName(name)));
        // Until IR version 3 every initializer is listed as an input too.
        if (_model.IrVersion <= 3)
        {
            Graph.MakeInput(value);
            value.Type = tensor.Type;
        }
        return value;
    }

    private void EndWith(Value value, TensorType type)
    {
        value.Type = type;
        Graph.SetOutput(0, value);
    }

    private void DropTrainingSteps()
    {
        if (_model.TrainingInfo.Count == 0)
            return;
        _model.TrainingInfo.Clear();
        _notices.Add("The training steps that the file carries are left out: they are made for its own head.");
    }

    private void RequireClasses()
    {
        var output = Graph.Outputs[0];
        if (new ModelShapes(_model).ShapeOf(output) is { } shape && (shape.Rank < 2 || (shape[1].IsKnown && shape[1].Value != _classCount)))
            throw new AnnealException(
                $"With {_classCount} classes the output '{output.Name}' is {shape} instead of [N,{_classCount}]: something behind {_place.Layer?.Node.Title ?? "the features"} is made for another number. Name another head.");
    }
}
