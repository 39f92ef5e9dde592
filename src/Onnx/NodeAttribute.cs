using System.Diagnostics.CodeAnalysis;
using Anneal.Onnx.Wire;

namespace Anneal.Onnx;

/// <summary>
/// A named constant of a node (<c>AttributeProto</c>): a number, string, tensor, subgraph, type or a list of them, or a reference to an
/// attribute of the enclosing function. Immutable but for its documentation.
/// </summary>
[SuppressMessage("Naming", "CA1711", Justification = "An attribute of the format, not of the language; that is its name everywhere.")]
public sealed class NodeAttribute : ModelPart
{
    internal NodeAttribute(string name, AttributeKind kind, object? content) => (Name, Kind, Content) = (name, kind, content);

    /// <summary>The name, distinct within a node.</summary>
    public string Name { get; }

    /// <summary>What the attribute holds, or would hold when it is a reference.</summary>
    public AttributeKind Kind { get; }

    /// <summary>The attribute of the enclosing function that this one stands for; empty when it holds a content of its own.</summary>
    public string ReferenceTo { get; init; } = "";

    /// <summary>Text for people.</summary>
    public string DocString { get; set; } = "";

    /// <summary>float, long, bytes, tensor, graph, sparse tensor, type, or an array of them; null for a reference or an unknown kind.</summary>
    internal object? Content { get; }

    /// <summary>Whether the file stated no kind (as IR version 1 did) and it was read off the content.</summary>
    internal bool KindIsImplied { get; init; }

    /// <summary>Whether the file stated a kind and left the content out, which then is the default.</summary>
    internal bool ContentIsImplied { get; init; }

    /// <summary>A float.</summary>
    public static NodeAttribute Of(string name, float value) => new(name, AttributeKind.Float, value);

    /// <summary>An integer.</summary>
    public static NodeAttribute Of(string name, long value) => new(name, AttributeKind.Int, value);

    /// <summary>A string.</summary>
    public static NodeAttribute Of(string name, string value) => new(name, AttributeKind.String, WireText.Encode(value).Memory);

    /// <summary>A string of bytes that need not be text.</summary>
    public static NodeAttribute Of(string name, ReadOnlyMemory<byte> value) => new(name, AttributeKind.String, value);

    /// <summary>A tensor.</summary>
    public static NodeAttribute Of(string name, TensorData value) => new(name, AttributeKind.Tensor, value);

    /// <summary>A sparse tensor.</summary>
    public static NodeAttribute Of(string name, SparseTensor value) => new(name, AttributeKind.SparseTensor, value);

    /// <summary>A subgraph, which belongs to the node that the attribute is given to.</summary>
    public static NodeAttribute Of(string name, Graph value) => new(name, AttributeKind.Graph, value);

    /// <summary>A type.</summary>
    public static NodeAttribute Of(string name, OnnxType value) => new(name, AttributeKind.Type, value);

    /// <summary>A list of floats.</summary>
    public static NodeAttribute Of(string name, params IEnumerable<float> values) => new(name, AttributeKind.Floats, values.ToArray());

    /// <summary>A list of integers.</summary>
    public static NodeAttribute Of(string name, params IEnumerable<long> values) => new(name, AttributeKind.Ints, values.ToArray());

    /// <summary>A list of strings.</summary>
    public static NodeAttribute Of(string name, params IEnumerable<string> values) =>
        new(name, AttributeKind.Strings, values.Select(v => WireText.Encode(v).Memory).ToArray());

    /// <summary>A list of tensors.</summary>
    public static NodeAttribute Of(string name, params IEnumerable<TensorData> values) => new(name, AttributeKind.Tensors, values.ToArray());

    /// <summary>A list of sparse tensors.</summary>
    public static NodeAttribute Of(string name, params IEnumerable<SparseTensor> values) => new(name, AttributeKind.SparseTensors, values.ToArray());

    /// <summary>A list of subgraphs.</summary>
    public static NodeAttribute Of(string name, params IEnumerable<Graph> values) => new(name, AttributeKind.Graphs, values.ToArray());

    /// <summary>A list of types.</summary>
    public static NodeAttribute Of(string name, params IEnumerable<OnnxType> values) => new(name, AttributeKind.Types, values.ToArray());

    /// <summary>A reference to an attribute of the enclosing function; only nodes of a function's body may have one.</summary>
    public static NodeAttribute Reference(string name, AttributeKind kind, string functionAttribute) =>
        new(name, kind, null) { ReferenceTo = functionAttribute };

    /// <summary>The float.</summary>
    /// <exception cref="InvalidModelException">The attribute holds something else; so for every accessor below.</exception>
    public float AsFloat() => As<float>(AttributeKind.Float);

    /// <summary>The integer.</summary>
    public long AsInt() => As<long>(AttributeKind.Int);

    /// <summary>The string as text; bytes that are no UTF-8 become lone surrogates U+DC80 to U+DCFF.</summary>
    public string AsString() => WireText.Decode(AsStringBytes().Span);

    /// <summary>The string as it stood in the file.</summary>
    public ReadOnlyMemory<byte> AsStringBytes() => As<ReadOnlyMemory<byte>>(AttributeKind.String);

    /// <summary>The tensor.</summary>
    public TensorData AsTensor() => As<TensorData>(AttributeKind.Tensor);

    /// <summary>The sparse tensor.</summary>
    public SparseTensor AsSparseTensor() => As<SparseTensor>(AttributeKind.SparseTensor);

    /// <summary>The subgraph.</summary>
    public Graph AsGraph() => As<Graph>(AttributeKind.Graph);

    /// <summary>The type.</summary>
    public OnnxType AsType() => As<OnnxType>(AttributeKind.Type);

    /// <summary>The floats.</summary>
    public ReadOnlySpan<float> AsFloats() => As<float[]>(AttributeKind.Floats);

    /// <summary>The integers.</summary>
    public ReadOnlySpan<long> AsInts() => As<long[]>(AttributeKind.Ints);

    /// <summary>The strings as text.</summary>
    public IReadOnlyList<string> AsStrings() => Array.ConvertAll(As<ReadOnlyMemory<byte>[]>(AttributeKind.Strings), s => WireText.Decode(s.Span));

    /// <summary>The tensors.</summary>
    public IReadOnlyList<TensorData> AsTensors() => As<TensorData[]>(AttributeKind.Tensors);

    /// <summary>The sparse tensors.</summary>
    public IReadOnlyList<SparseTensor> AsSparseTensors() => As<SparseTensor[]>(AttributeKind.SparseTensors);

    /// <summary>The subgraphs of a list.</summary>
    public IReadOnlyList<Graph> AsGraphs() => As<Graph[]>(AttributeKind.Graphs);

    /// <summary>The types.</summary>
    public IReadOnlyList<OnnxType> AsTypes() => As<OnnxType[]>(AttributeKind.Types);

    /// <summary>Every subgraph in the attribute: none, one, or those of a list.</summary>
    public IReadOnlyList<Graph> Subgraphs => Content switch { Graph one => [one], Graph[] many => many, _ => [] };

    /// <summary><c>name: kind</c>, or <c>name: kind = @function attribute</c>.</summary>
    public override string ToString() => ReferenceTo.Length > 0 ? $"{Name}: {Kind} = @{ReferenceTo}" : $"{Name}: {Kind}";

    /// <summary>The same content under another name.</summary>
    internal NodeAttribute WithName(string name) => new(name, Kind, Content) { DocString = DocString, ContentIsImplied = ContentIsImplied, Trace = Trace };

    /// <summary>The same attribute around other subgraphs, one for each of its own.</summary>
    internal NodeAttribute WithSubgraphs(Graph[] subgraphs) => new(Name, Kind, Content is Graph ? subgraphs[0] : subgraphs)
    {
        ReferenceTo = ReferenceTo,
        DocString = DocString,
        KindIsImplied = KindIsImplied,
        ContentIsImplied = ContentIsImplied,
        Trace = Trace,
    };

    private T As<T>(AttributeKind expected) => Content is T content && Kind == expected
        ? content
        : throw new InvalidModelException(ReferenceTo.Length > 0
            ? $"Attribute '{Name}' stands for the function's attribute '{ReferenceTo}' and has no content of its own."
            : $"Attribute '{Name}' holds {Kind}, not {expected}.");
}
