using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>
/// An opened model: named tensors in, named tensors out. <c>Run</c> may be called from any number of threads at once; runs share the
/// session's worker threads. <c>Dispose</c> waits for runs in flight, then frees the model; a run after that throws
/// <see cref="ObjectDisposedException"/>, what the session says about itself stays readable, and a second <c>Dispose</c> does nothing.
/// Cancellation takes effect between two nodes of the graph: a node that has begun is finished.
/// <c>ToString</c> names the model and the device, as the beginning of a sentence.
/// </summary>
public interface IModelSession : IDisposable
{
    /// <summary>The name of the engine that runs it.</summary>
    string Engine { get; }

    /// <summary>The device it really runs on: never <see cref="Device.Auto"/>.</summary>
    Device Device { get; }

    /// <summary>What the model asks for, in its own order.</summary>
    IReadOnlyList<TensorInfo> Inputs { get; }

    /// <summary>What the model gives, in its own order.</summary>
    IReadOnlyList<TensorInfo> Outputs { get; }

    /// <summary>The model's own metadata (<c>metadata_props</c>).</summary>
    IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>What a person should know about how the session was opened: that <c>auto</c> chose the CPU, and why.</summary>
    IReadOnlyList<string> Notices { get; }

    /// <summary>Which node runs on which provider, or null when the engine cannot tell.</summary>
    IReadOnlyList<NodePlacement>? Placement { get; }

    /// <summary>Runs the model and gives all outputs, in the model's order, in memory of their own.</summary>
    /// <param name="inputs">One tensor for each input, in any order.</param>
    /// <param name="cancellation">Ends the run early; the call then throws <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ShapeMismatchException">A tensor is missing, unknown, or of another type or shape than the model states.</exception>
    IReadOnlyList<NamedTensor> Run(IReadOnlyList<NamedTensor> inputs, CancellationToken cancellation = default);

    /// <summary>
    /// Runs the model into tensors that the caller owns: outputs are written in place and nothing large is allocated. The memory is pinned for
    /// the length of the run only. Text, which ONNX Runtime keeps as its own, and outputs that are only handed on (inputs of the graph, another look at
    /// a value that is computed) are the exceptions: they are copied.
    /// If the run fails or is cancelled, what the outputs hold is not defined.
    /// </summary>
    /// <param name="inputs">One tensor for each input, in any order.</param>
    /// <param name="outputs">The outputs wanted, at least one, each with memory of the exact size and overlapping no other tensor's.</param>
    /// <param name="cancellation">Ends the run early; the call then throws <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ShapeMismatchException">A tensor is missing, unknown, or of another type or shape than the model states.</exception>
    void Run(IReadOnlyList<NamedTensor> inputs, IReadOnlyList<NamedTensor> outputs, CancellationToken cancellation = default);
}

/// <summary>A declared input or output of a model.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="DType">Its element type.</param>
/// <param name="Shape">Its extents; -1 where the model leaves one open (a dynamic batch).</param>
public sealed record TensorInfo(string Name, DType DType, IReadOnlyList<long> Shape)
{
    /// <summary>The model's own name for each extent it leaves open (<c>N</c>, <c>batch</c>), null where it has none; as long as the shape.</summary>
    public IReadOnlyList<string?> Symbols { get; init; } = [.. Shape.Select(_ => (string?)null)];

    /// <summary>Name, type and shape, open extents by their name: <c>data: Float32 [N,3,224,224]</c>.</summary>
    public override string ToString() => $"{Name}: {DType} [{string.Join(',', Shape.Zip(Symbols, (extent, symbol) => extent >= 0 ? $"{extent}" : symbol ?? "?"))}]";
}

/// <summary>Where one node runs.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="OpType">Its operator.</param>
/// <param name="Provider">The provider it was given to.</param>
public sealed record NodePlacement(string Node, string OpType, string Provider);
