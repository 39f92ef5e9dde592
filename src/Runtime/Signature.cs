using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>The declared inputs or outputs of a model, and the check of tensors against them.</summary>
internal sealed class Signature
{
    private readonly Dictionary<string, int> _byName;
    private readonly string _kind;
    private readonly string _subject;

    public Signature(string kind, string subject, IReadOnlyList<TensorInfo> tensors)
    {
        (_kind, _subject, Tensors) = (kind, subject, tensors);
        _byName = tensors.Select((tensor, index) => (tensor.Name, index)).ToDictionary(pair => pair.Name, pair => pair.index, StringComparer.Ordinal);
    }

    /// <summary>What is said, in every engine's words, of memory that does not fit the output that came.</summary>
    public const string OtherOutputShape = "gives an output of another shape than the memory that was passed for it.";

    public IReadOnlyList<TensorInfo> Tensors { get; }

    /// <summary>An error for an input or output that is no tensor.</summary>
    public static InvalidModelException NoTensor(string subject, string kind, string name, string what) =>
        new($"{subject} has the {kind} '{name}', a {what}. Only tensors can be passed; export the model without it.");

    /// <summary>Every declared tensor is given, once, and fits.</summary>
    public void RequireAll(IReadOnlyList<NamedTensor> given)
    {
        Require(given);
        if (given.Count < Tensors.Count)
            throw Refuse($"lacks {_kind} '{Tensors.First(tensor => given.All(t => t.Name != tensor.Name)).Name}'", given);
    }

    /// <summary>At least one tensor is given, each is declared, given once, and fits.</summary>
    public void RequireSome(IReadOnlyList<NamedTensor> given)
    {
        if (given.Count == 0)
            throw Refuse($"was asked for no {_kind}", given);
        Require(given);
    }

    private void Require(IReadOnlyList<NamedTensor> given)
    {
        Span<bool> seen = Tensors.Count <= 256 ? stackalloc bool[Tensors.Count] : new bool[Tensors.Count];
        for (var i = 0; i < given.Count; i++)
        {
            var tensor = given[i];
            if (!_byName.TryGetValue(tensor.Name, out var index))
                throw Refuse($"has no {_kind} '{tensor.Name}'", given);
            if (seen[index])
                throw Refuse($"was given {_kind} '{tensor.Name}' twice", given);
            seen[index] = true;
            RequireFit(Tensors[index], tensor, given);
        }
    }

    private void RequireFit(TensorInfo declared, NamedTensor tensor, IReadOnlyList<NamedTensor> given)
    {
        if (declared.DType != tensor.DType)
            throw Refuse($"takes {declared.DType} for {_kind} '{tensor.Name}', not {tensor.DType}", given);
        var shape = tensor.Shape;
        if (declared.Shape.Count != shape.Length)
            throw Refuse($"takes {declared.Shape.Count} dimensions for {_kind} '{tensor.Name}', not {shape.Length}", given);
        for (var axis = 0; axis < shape.Length; axis++)
            if (declared.Shape[axis] >= 0 && declared.Shape[axis] != shape[axis])
                throw Refuse($"takes an extent of {declared.Shape[axis]} on axis {axis} of {_kind} '{tensor.Name}', not {shape[axis]}", given);
    }

    private ShapeMismatchException Refuse(string what, IReadOnlyList<NamedTensor> given) =>
        new($"{_subject} {what}. Its {_kind}s: {Join(Tensors)}. Given: {Join(given)}.");

    private static string Join<T>(IReadOnlyList<T> tensors) => tensors.Count == 0 ? "none" : string.Join("; ", tensors);
}
