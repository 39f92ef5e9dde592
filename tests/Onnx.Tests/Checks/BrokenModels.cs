using Anneal.Onnx.Wire;
using Google.Protobuf;

namespace Anneal.Onnx.Tests.Checks;

/// <summary>
/// A sound model in the wire's own messages and, one by one, the ways of breaking it: what a file can state and this library's objects cannot.
/// </summary>
internal static class BrokenModels
{
    /// <summary>The rule that is broken, the place that is named, whether ONNX Runtime refuses such a model too, and how the sound model is broken.</summary>
    public static readonly (string Rule, string Where, bool RuntimeRefuses, Action<ModelProto> Break)[] Rows =
    [
        ("no-graph", "the model", true, m => { m.Graph = null; m.Functions.Add(Function("f")); }),
        ("ir-version", "the model", true, m => m.IrVersion = 99),
        ("ir-version", "the model", false, m => m.IrVersion = 0),
        ("operator-set-missing", "the model", true, m => m.OpsetImport.Clear()),
        ("operator-set-missing", "Relu 'relu'", true, m => m.Graph.Node[0].Domain = Text("com.example")),
        ("operator-set-twice", "the model", false, m => m.OpsetImport.Add(Set("", 21))),
        ("operator-set-twice", "the model", false, m => m.OpsetImport.Add(Set("ai.onnx", 20))),
        ("operator-set-version", "the model", true, m => m.OpsetImport[0].Version = 99),
        ("operator-set-version", "the model", true, m => m.OpsetImport[0].Version = 0),
        ("function-twice", "function local.f", true, m => Call(m, Function("f"), Function("f"))),
        ("function-recursive", "function local.f", true, m => Call(m, Calling("f", "f"))),
        ("function-recursive", "function local.g", true, m => Call(m, Calling("f", "g"), Calling("g", "f"))),
        ("function-attribute", "function local.f", false, m => Call(m, With(Function("f"), f => f.AttributeProto.Add([Float("alpha", 1), Float("alpha", 2)])))),
        ("function-attribute-unused", "function local.f", false, m => Call(m, With(Function("f"), f => f.AttributeProto.Add(Float("alpha", 1))))),
        ("operator-set-missing", "Relu of 'out' in function local.f", true, m => Call(m, With(Function("f"), f => f.OpsetImport.Clear()))),
        ("input-count", "f 'call'", true, m => { Call(m, Function("f")); m.Graph.Node[^1].Input.Add(Text("x")); }),
        ("output-count", "f 'call'", true, m => { Call(m, Function("f")); m.Graph.Node[^1].Output.Add(Text("more")); }),
        ("attribute-missing", "f 'call'", false, m => Call(m, With(Function("f"), f => { f.Attribute.Add(Text("alpha")); f.Node[0] = Node("LeakyRelu", "in", "out", Reference("alpha", "alpha")); }))),
        ("attribute-unknown", "f 'call'", false, m => { Call(m, Function("f")); m.Graph.Node[^1].Attribute.Add(Float("beta", 1)); }),
        ("name-shadowed", "graph 'then'", true, m => Branch(m, "h")),
        ("node-name-twice", "Add 'relu'", true, m => m.Graph.Node[1].Name = Text("relu")),
        ("order", "Add 'add'", false, m => (m.Graph.Node[0], m.Graph.Node[1]) = (m.Graph.Node[1].Clone(), m.Graph.Node[0].Clone())),
        ("cycle", "Relu 'relu'", true, m => m.Graph.Node[0].Input[0] = Text("y")),
        ("cycle", "Relu 'relu'", true, m => m.Graph.Node[0].Input[0] = Text("h")),
        ("input-undefined", "Relu 'relu'", true, m => m.Graph.Node[0].Input[0] = Text("nowhere")),
        ("output-undefined", "graph 'sound'", true, m => m.Graph.Output[0].Name = Text("nowhere")),
        ("input-type", "input 'x'", true, m => m.Graph.Input[0].Type = null),
        ("output-type", "output 'y'", false, m => m.Graph.Output[0].Type = null),
        ("initializer-no-input", "initializer 'w'", false, m => { m.IrVersion = 3; m.OpsetImport[0].Version = 14; }),
        ("initializer-input", "initializer 'w'", false, m => m.Graph.Input.Add(Value("w", 1, 4))),
        ("initializer-type", "initializer 'w'", true, m => m.Graph.Input.Add(Value("w", 1, 5))),
        ("initializer-type", "initializer 'w'", true, m => m.Graph.Input.Add(Value("w", 7, 4))),
        ("annotation", "graph 'sound'", false, m => m.Graph.QuantizationAnnotation.Add(new TensorAnnotation { TensorName = Text("h"), QuantParameterTensorNames = { Entry("SCALE_TENSOR", "nowhere") } })),
        ("tensor-type", "initializer 'w'", true, m => m.Graph.Initializer[0].DataType = 0),
        ("tensor-type", "initializer 'w'", true, m => m.Graph.Initializer[0].DataType = 77),
        ("tensor-empty", "initializer 'w'", true, m => m.Graph.Initializer[0].ClearRawData()),
        ("tensor-segment", "initializer 'w'", false, m => m.Graph.Initializer[0].Segment = new() { Begin = 0, End = 4 }),
        ("sparse-tensor", "sparse initializer 's'", true, m => m.Graph.SparseInitializer.Add(Sparse([1], [9]))),
        ("sparse-tensor", "sparse initializer 's'", true, m => m.Graph.SparseInitializer.Add(Sparse([1], [-1]))),
        ("sparse-tensor", "sparse initializer 's'", false, m => m.Graph.SparseInitializer.Add(Sparse([1, 2], [3, 1]))),
        ("sparse-tensor", "sparse initializer 's'", false, m => m.Graph.SparseInitializer.Add(Sparse([1, 2], [1, 1]))),
        ("sparse-tensor", "sparse initializer 's'", true, m => m.Graph.SparseInitializer.Add(Sparse([1, 2], [1]))),
        ("operator-unknown", "Relux 'relu'", true, m => m.Graph.Node[0].OpType = Text("Relux")),
        ("operator-unnamed", " 'relu'", true, m => m.Graph.Node[0].OpType = ByteString.Empty),
        ("operator-too-new", "Gelu 'relu'", true, m => { m.Graph.Node[0].OpType = Text("Gelu"); m.OpsetImport[0].Version = 19; }),
        ("attribute-twice", "LeakyRelu 'relu'", true, m => m.Graph.Node[0] = Named("relu", Node("LeakyRelu", "x", "h", Float("alpha", 1), Float("alpha", 1)))),
        ("attribute-empty", "attribute 'value' of Constant 'relu'", true, m => m.Graph.Node[0] = Named("relu", Node("Constant", "", "h", new AttributeProto { Name = Text("value"), Type = 4 }))),
        ("attribute-reference", "LeakyRelu 'relu'", false, m => m.Graph.Node[0] = Named("relu", Node("LeakyRelu", "x", "h", Reference("alpha", "alpha")))),
        ("attribute-reference", "LeakyRelu of 'out' in function local.f", false, m => Call(m, With(Function("f"), f => f.Node[0] = Node("LeakyRelu", "in", "out", Reference("alpha", "alpha"))))),
        ("attribute-missing", "Concat 'relu'", true, m => m.Graph.Node[0] = Named("relu", Node("Concat", "x", "h"))),
        ("attribute-unknown", "Relu 'relu'", true, m => m.Graph.Node[0].Attribute.Add(Float("alpha", 1))),
        ("attribute-type", "LeakyRelu 'relu'", true, m => m.Graph.Node[0] = Named("relu", Node("LeakyRelu", "x", "h", Int("alpha", 1)))),
        ("input-count", "Relu 'relu'", true, m => m.Graph.Node[0].Input.Add(Text("w"))),
        ("input-count", "Add 'add'", true, m => m.Graph.Node[1].Input.RemoveAt(1)),
        ("input-missing", "Add 'add'", true, m => m.Graph.Node[1].Input[1] = ByteString.Empty),
        ("output-count", "Relu 'relu'", true, m => m.Graph.Node[0].Output.Add(Text("more"))),
        ("subgraph", "If 'if'", true, m => { Branch(m, "b"); m.Graph.Node[^1].Attribute[0].G.Output.Add(Value("w", 1, 4)); }),
        ("not-inferred", "Relu 'relu'", false, m => m.OpsetImport[0].Version = 12),
        ("misfit", "Add 'add'", true, m => { m.Graph.Initializer[0].Dims[0] = 2; m.Graph.Initializer[0].RawData = ByteString.CopyFrom(new byte[8]); }),
        ("misfit", "Add 'add'", true, m => m.Graph.Initializer[0].DataType = 6),
        ("declared-type", "'y'", true, m => m.Graph.Output[0] = Value("y", 7, 4)),
        ("declared-type", "'h'", false, m => m.Graph.ValueInfo.Add(Value("h", 1, 3))),
        ("training-binding", "training step 0", false, m => m.TrainingInfo.Add(new TrainingInfoProto { UpdateBinding = { Entry("w", "nowhere") } })),
        ("training-binding", "training step 0", false, m => m.TrainingInfo.Add(new TrainingInfoProto { Algorithm = Step(), UpdateBinding = { Entry("nowhere", "new") } })),
        ("training-binding", "training step 0", false, m => m.TrainingInfo.Add(new TrainingInfoProto { Algorithm = Step(), UpdateBinding = { Entry("w", "new"), Entry("w", "new") } })),
    ];

    /// <summary>x -> Relu -> h; h + w -> y, with a constant w of four floats.</summary>
    public static ModelProto Sound() => new()
    {
        IrVersion = 10,
        OpsetImport = { Set("", 21) },
        Graph = new()
        {
            Name = Text("sound"),
            Node = { Named("relu", Node("Relu", "x", "h")), Named("add", Node("Add", "h,w", "y")) },
            Initializer = { Tensor("w", 1, [4], new byte[16]) },
            Input = { Value("x", 1, 4) },
            Output = { Value("y", 1, 4) },
        },
    };

    /// <summary>The sound model, broken.</summary>
    public static byte[] Bytes(int row)
    {
        var model = Sound();
        Rows[row].Break(model);
        return model.ToByteArray();
    }

    private static void Call(ModelProto model, params FunctionProto[] functions)
    {
        model.OpsetImport.Add(Set("local", 1));
        model.Functions.AddRange(functions);
        var call = Named("call", Node("f", "x", "z"));
        call.Domain = Text("local");
        model.Graph.Node.Add(call);
    }

    /// <summary>Adds an If whose first branch makes a value of that name.</summary>
    private static void Branch(ModelProto model, string name)
    {
        GraphProto Body(string graph, string made) => new() { Name = Text(graph), Node = { Node("Neg", "x", made) }, Output = { Value(made, 1, 4) } };
        model.Graph.Input.Add(Value("c", 9));
        model.Graph.Node.Add(Named("if", Node("If", "c", "z",
            new AttributeProto { Name = Text("then_branch"), Type = 5, G = Body("then", name) },
            new AttributeProto { Name = Text("else_branch"), Type = 5, G = Body("else", "e") })));
    }

    private static FunctionProto Function(string name) => new()
    {
        Name = Text(name),
        Domain = Text("local"),
        Input = { Text("in") },
        Output = { Text("out") },
        Node = { Node("Relu", "in", "out") },
        OpsetImport = { Set("", 21) },
    };

    private static FunctionProto Calling(string name, string other) => With(Function(name), f =>
    {
        f.Node[0] = Node(other, "in", "out");
        f.Node[0].Domain = Text("local");
        f.OpsetImport.Add(Set("local", 1));
    });

    private static FunctionProto With(FunctionProto function, Action<FunctionProto> change)
    {
        change(function);
        return function;
    }

    private static GraphProto Step() => new() { Name = Text("step"), Node = { Node("Neg", "w", "new") }, Output = { Value("new", 1, 4) } };

    private static NodeProto Node(string op, string inputs, string outputs, params AttributeProto[] attributes) => new()
    {
        OpType = Text(op),
        Input = { inputs.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Text) },
        Output = { outputs.Split(',').Select(Text) },
        Attribute = { attributes },
    };

    private static NodeProto Named(string name, NodeProto node)
    {
        node.Name = Text(name);
        return node;
    }

    private static TensorProto Tensor(string name, int type, long[] dims, byte[] bytes) =>
        new() { Name = Text(name), DataType = type, Dims = { dims }, RawData = ByteString.CopyFrom(bytes) };

    private static SparseTensorProto Sparse(float[] values, long[] indices) => new()
    {
        Values = Tensor("s", 1, [values.Length], [.. values.SelectMany(BitConverter.GetBytes)]),
        Indices = Tensor("", 7, [indices.Length], [.. indices.SelectMany(BitConverter.GetBytes)]),
        Dims = { 4 },
    };

    private static ValueInfoProto Value(string name, int type, params long[] dims) => new()
    {
        Name = Text(name),
        Type = new() { TensorType = new() { ElemType = type, Shape = new() { Dim = { dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }) } } } },
    };

    private static AttributeProto Float(string name, float value) => new() { Name = Text(name), Type = 1, F = value };

    private static AttributeProto Int(string name, long value) => new() { Name = Text(name), Type = 2, I = value };

    private static AttributeProto Reference(string name, string to) => new() { Name = Text(name), Type = 1, RefAttrName = Text(to) };

    private static OperatorSetIdProto Set(string domain, long version) => new() { Domain = Text(domain), Version = version };

    private static StringStringEntryProto Entry(string key, string value) => new() { Key = Text(key), Value = Text(value) };

    private static ByteString Text(string text) => WireText.Encode(text);
}
