using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>
/// An opened model: named tensors in, named tensors out. <c>Run</c> may be called from any number of threads at once.
/// <c>Dispose</c> waits for runs in flight, then frees the model; a call after that throws <see cref="ObjectDisposedException"/>.
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

    /// <summary>Runs the model into tensors that the caller owns: nothing is copied and nothing large is allocated.</summary>
    /// <param name="inputs">One tensor for each input, in any order.</param>
    /// <param name="outputs">The outputs wanted, each with memory of the exact size.</param>
    /// <param name="cancellation">Ends the run early; the call then throws <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ShapeMismatchException">A tensor is missing, unknown, or of another type or shape than the model states.</exception>
    void Run(IReadOnlyList<NamedTensor> inputs, IReadOnlyList<NamedTensor> outputs, CancellationToken cancellation = default);
}

/// <summary>A declared input or output of a model.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="DType">Its element type.</param>
/// <param name="Shape">Its extents; -1 where the model leaves one open (a dynamic batch).</param>
public sealed record TensorInfo(string Name, DType DType, IReadOnlyList<long> Shape);

/// <summary>Where one node runs.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="OpType">Its operator.</param>
/// <param name="Provider">The provider it was given to.</param>
public sealed record NodePlacement(string Node, string OpType, string Provider);
