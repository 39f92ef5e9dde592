using Anneal.Onnx;
using Anneal.Training.Ops;

namespace Anneal.Training;

/// <summary>
/// One walk over the tape. Each gradient on its way is a tensor object of its own, though several may share elements, and goes when the entry that
/// waits for it has used it.
/// </summary>
/// <param name="walk">The scope of the whole walk.</param>
/// <param name="gathersLeaves">Whether the gradients of leaves are given back rather than added to <see cref="Tensor.Grad"/>.</param>
internal sealed class BackwardPass(TensorScope walk, bool gathersLeaves = false)
{
    private const string Used = "the backward pass has used it";

    private readonly PriorityQueue<TapeEntry, long> _waiting = new();
    private readonly GradientCall _call = new();
    private readonly List<Tensor> _roots = [];
    private readonly Dictionary<Tensor, Tensor> _gathered = [];

    /// <summary>The walk begins at a tensor, with its gradient: an object that is the walk's own.</summary>
    public void Start(Tensor root, Tensor dy)
    {
        _roots.Add(root);
        Give(root, dy);
    }

    /// <summary>Walks, and returns the gradients of leaves where they are asked for.</summary>
    public IReadOnlyDictionary<Tensor, Tensor> Run()
    {
        using (var visit = TensorScope.Begin())
            while (_waiting.TryDequeue(out var entry, out _))
                Visit(entry, visit);
        if (!gathersLeaves)
            foreach (var (leaf, dy) in _gathered)
                Accumulate(leaf, Hooked(leaf, dy));
        return _gathered;
    }

    private void Visit(TapeEntry entry, TensorScope visit)
    {
        entry.RequireFresh();
        var incoming = entry.Incoming!;
        for (var i = 0; i < incoming.Length; i++)
            if (incoming[i] is { } dy)
                incoming[i] = Hooked(entry.Outputs[i], dy);
        _call.Show(entry);
        Differentiate(entry);
        for (var i = 0; i < entry.Inputs.Length; i++)
            if (_call.Given(i) is { } dx)
                Give(entry.Inputs[i]!, visit.Lift(dx));
        entry.Consume(_roots);
        foreach (var dy in incoming)
            if (dy is not null && !_call.GoesOn(dy))
                dy.Discard(Used);
        visit.Clear();
    }

    private void Differentiate(TapeEntry entry)
    {
        try
        {
            entry.Kernel.Backward(_call);
        }
        catch (AnnealException e) when (NanFinder.IsOn)
        {
            throw new AnnealException($"In the backward pass of {entry.Title}: {e.Message}", e);
        }
    }

    private void Give(Tensor tensor, Tensor dy)
    {
        if (dy.Shape != tensor.Shape || dy.DType != tensor.DType)
            throw new ShapeMismatchException($"The gradient of {tensor.Title} came as {dy.Title}.");
        if (tensor.Entry is { } entry)
            Wait(entry, Array.IndexOf(entry.Outputs, tensor), dy);
        else if (gathersLeaves || tensor.Hooks is not null)
            _gathered[tensor] = _gathered.TryGetValue(tensor, out var before) ? Add(before, dy) : dy;
        else
            Accumulate(tensor, dy);
    }

    private void Wait(TapeEntry entry, int output, Tensor dy)
    {
        if (entry.Incoming is null)
        {
            entry.Incoming = new Tensor?[entry.Outputs.Length];
            _waiting.Enqueue(entry, -entry.Order);
        }
        entry.Incoming[output] = entry.Incoming[output] is { } before ? Add(before, dy) : dy;
    }

    /// <summary>The sum belongs to the whole walk, not to the entry that happens to be visited.</summary>
    private Tensor Add(Tensor a, Tensor b)
    {
        var sum = a + b;
        sum.MoveTo(walk);
        a.Discard(Used);
        b.Discard(Used);
        return sum;
    }

    private Tensor Hooked(Tensor tensor, Tensor dy)
    {
        if (tensor.Hooks is not { } hooks)
            return dy;
        var hooked = hooks.Run(dy);
        if (hooked == dy)
            return dy;
        // What a hook gives may be kept by its maker: the walk goes on with an object of its own.
        var own = hooked.Detach();
        own.MoveTo(walk);
        dy.Discard(Used);
        return own;
    }

    /// <summary>A leaf's gradient belongs to nobody's scope: it stays until it is taken away.</summary>
    private void Accumulate(Tensor leaf, Tensor dy)
    {
        leaf.Grad = leaf.Grad is { } before ? Add(before, dy) : dy;
        leaf.Grad.MoveTo(null);
    }
}
