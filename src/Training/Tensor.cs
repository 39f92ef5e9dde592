using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Anneal.Onnx;
using Anneal.Training.Devices;

namespace Anneal.Training;

/// <summary>
/// A block of numbers with a shape, row-major, that remembers which operator made it. A tensor never changes; <see cref="MutableTensor"/> alone
/// does. Nobody disposes tensors: what a scope made goes back to the pool when the scope ends (<see cref="TensorScope"/>,
/// <see cref="Grad.Off"/>), what the tape held when <see cref="Backward(Tensor?)"/> has consumed it, and anything else when nothing can reach it.
/// </summary>
public partial class Tensor
{
    private Memory? _memory;
    private string _gone = "";
    private GradientHooks? _hooks;

    private protected Tensor(ComputeDevice device, DType dtype, TensorShape shape, Memory memory)
    {
        (Compute, DType, Shape, _memory) = (device, dtype, shape, memory);
        Owner = TensorScope.Current;
        Owner?.Add(this);
    }

    /// <summary>The net for tensors that no scope owns and no tape held: their memory goes back when nothing can reach them.</summary>
    ~Tensor() => Interlocked.Exchange(ref _memory, null)?.Release();

    /// <summary>The extents, outermost first.</summary>
    public TensorShape Shape { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; private set; }

    /// <summary>Where the elements are.</summary>
    public Device Device => Compute.Name;

    /// <summary>The number of axes.</summary>
    public int Rank => Shape.Rank;

    /// <summary>The number of elements.</summary>
    public int Count => Shape.ElementCount;

    /// <summary>What errors and exported graphs call the tensor; null for one without a name.</summary>
    public string? Name { get; set; }

    /// <summary>
    /// Whether <see cref="Backward(Tensor?)"/> gives the tensor a gradient, or gradients flow through it. Set it to true on a tensor that no operator made.
    /// </summary>
    /// <exception cref="AnnealException">The elements are no floating-point numbers, or an operator made the tensor.</exception>
    public bool RequiresGrad
    {
        get => field || (Entry is not null && DType.IsFloat());
        set => field = value == RequiresGrad ? value : CanRequireGrad(value);
    }

    /// <summary>The gradient that <see cref="Backward(Tensor?)"/> has summed up here, shaped as the tensor; null before and after <see cref="ZeroGrad"/>.</summary>
    public Tensor? Grad { get; internal set; }

    internal ComputeDevice Compute { get; private set; }

    /// <summary>The tape's entry that made the tensor; null for leaves and where nothing is recorded.</summary>
    internal TapeEntry? Entry { get; set; }

    /// <summary>What the tensor's gradient passes through; null where there is nothing.</summary>
    internal GradientHooks? Hooks => _hooks;

    /// <summary>The scope that the tensor goes with.</summary>
    internal TensorScope? Owner { get; private set; }

    /// <summary>Whether the tensor outlives its scope and the tape.</summary>
    internal bool IsKept { get; private set; }

    /// <summary>Whether the elements are gone.</summary>
    internal bool IsGone => _memory is null;

    internal Memory Memory => _memory ?? throw new AnnealException($"The elements of {Title} are gone: {_gone}.");

    /// <summary>How errors call the tensor.</summary>
    internal string Title => Name is null ? $"a tensor {DType} {Shape}" : $"'{Name}' {DType} {Shape}";

    /// <summary>The elements, which lie in the process's memory and must not be changed.</summary>
    /// <exception cref="DeviceUnavailableException">The tensor lives on another device.</exception>
    /// <exception cref="AnnealException">Its elements are gone.</exception>
    /// <exception cref="ShapeMismatchException"><typeparamref name="T"/> is not the element type.</exception>
    public ReadOnlySpan<T> AsSpan<T>() where T : unmanaged
    {
        CallRecording.Current?.RequireReadable(this, nameof(AsSpan));
        return Writable<T>();
    }

    /// <summary>A copy of the elements, wherever they are. On a device it waits for what computes them.</summary>
    /// <exception cref="AnnealException">The elements are gone.</exception>
    /// <exception cref="ShapeMismatchException"><typeparamref name="T"/> is not the element type.</exception>
    public T[] ToArray<T>() where T : unmanaged
    {
        CallRecording.Current?.RequireReadable(this, nameof(ToArray));
        Require<T>();
        var elements = GC.AllocateUninitializedArray<T>(Count);
        Compute.Download(Memory, MemoryMarshal.AsBytes(elements.AsSpan()));
        return elements;
    }

    /// <summary>The one element of a tensor with a single element, as a double.</summary>
    /// <exception cref="ShapeMismatchException">There are more elements, or none.</exception>
    public double Item() => Count == 1
        ? DType switch
        {
            DType.Float32 => First<float>(),
            DType.Double => First<double>(),
            DType.Int64 => First<long>(),
            DType.Int32 => First<int>(),
            DType.UInt8 => First<byte>(),
            DType.Bool => First<bool>() ? 1 : 0,
            _ => throw new ShapeMismatchException($"{nameof(Item)} cannot read {Title}: it reads float32, double, int64, int32, uint8 and bool."),
        }
        : throw new ShapeMismatchException($"{nameof(Item)} needs a tensor with one element; {Title} has {Count}.");

    /// <summary>Keeps the tensor when its scope ends and when <see cref="Backward(Tensor?)"/> consumes it. Returns the tensor.</summary>
    public Tensor Keep()
    {
        IsKept = true;
        return this;
    }

    /// <summary>The same elements without a history: no gradient flows through.</summary>
    public Tensor Detach() => View(Shape);

    /// <summary>Takes the gradient away.</summary>
    public void ZeroGrad()
    {
        Grad?.Discard("its gradient was taken away");
        Grad = null;
    }

    /// <summary>Element type, shape and, of small tensors, the elements.</summary>
    public override string ToString() => TensorText.Of(this);

    /// <summary>A tensor whose elements are whatever the memory held.</summary>
    internal static Tensor Empty(ComputeDevice device, DType dtype, TensorShape shape) =>
        new(device, dtype, shape, device.Pool.Rent(dtype.ByteLength(shape.ElementCount)));

    /// <summary>Another tensor over the same elements.</summary>
    internal Tensor View(TensorShape shape)
    {
        var memory = Memory;
        memory.Share();
        var view = new Tensor(Compute, DType, shape, memory);
        CallRecording.Current?.NoteView(this, view);
        return view;
    }

    /// <summary>Lets go of the elements, unless the tensor is kept. A tensor that is read afterwards says why they are gone.</summary>
    [SuppressMessage("Usage", "CA1816", Justification = "This is what a tensor has in the place of Dispose, which nobody calls.")]
    internal void Discard(string reason)
    {
        if (IsKept || Interlocked.Exchange(ref _memory, null) is not { } memory)
            return;
        _gone = reason;
        GC.SuppressFinalize(this);
        memory.Release();
    }

    /// <summary>Gives the tensor to another scope, or to none.</summary>
    internal void MoveTo(TensorScope? scope)
    {
        Owner = scope;
        scope?.Add(this);
    }

    /// <summary>Looks at another tensor's elements from now on, which are as many and may be of another type or live on another device.</summary>
    private protected void TakeOver(Tensor other)
    {
        var before = Memory;
        (_memory, DType, Compute) = (other.Memory, other.DType, other.Compute);
        _memory.Share();
        before.Release();
    }

    internal unsafe Span<T> Writable<T>() where T : unmanaged
    {
        Require<T>();
        return new((T*)Address, Count);
    }

    /// <summary>Where the elements lie in the process's memory.</summary>
    internal unsafe void* Address => Memory is CpuMemory memory
        ? memory.Address
        : throw new DeviceUnavailableException($"{Title} lives on {Device}, where the process cannot look: copy its elements with {nameof(ToArray)}, or move it with To(Device.Cpu).");

    private T First<T>() where T : unmanaged
    {
        CallRecording.Current?.RequireReadable(this, nameof(Item));
        Span<T> element = [default];
        Compute.Download(Memory, MemoryMarshal.AsBytes(element));
        return element[0];
    }

    private void Require<T>() where T : unmanaged
    {
        if (DTypes.Of<T>() != DType)
            throw new ShapeMismatchException($"{Title} holds {DType}, not {typeof(T).Name}.");
    }

    private bool CanRequireGrad(bool value)
    {
        if (Entry is not null)
            throw new AnnealException($"{Title} was made by {Entry.Op.Name}; only a tensor that no operator made can be told whether it needs a gradient. Use {nameof(Detach)} first.");
        if (value && !DType.IsFloat())
            throw new AnnealException($"{Title} cannot have a gradient: only floating-point numbers do.");
        return value;
    }
}
