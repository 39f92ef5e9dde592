using Anneal.Onnx.Ops;
using Anneal.Training.Ops;

namespace Anneal.Training;

/// <summary>
/// Gradient checkpointing (Chen, Xu, Zhang, Guestrin, "Training Deep Nets with Sublinear Memory Cost", 2016): a piece of a network that keeps its
/// inputs only and is computed a second time when the backward pass comes by. The second time draws the same random numbers and changes no buffer.
/// </summary>
internal sealed class Recomputation
{
    private static readonly AsyncLocal<Recomputation?> Innermost = new();

    private readonly Func<Tensor[], Tensor[]> _body;
    private readonly Recomputation? _outer = Innermost.Value;
    private readonly List<Draws> _draws = [];
    private int _next = -1;

    private Recomputation(Func<Tensor[], Tensor[]> body) => _body = body;

    /// <summary>Whether what runs here has run before, so that its effects have taken place.</summary>
    public static bool IsAgain
    {
        get
        {
            for (var piece = Innermost.Value; piece is not null; piece = piece._outer)
                if (piece._next >= 0)
                    return true;
            return false;
        }
    }

    /// <summary>The draws that a generator hands out: new ones the first time, the same ones the second time.</summary>
    public static Draws Next(Func<Draws> draw) => Innermost.Value is { } current ? current.Draw(draw) : draw();

    /// <summary>Applies the piece for the first time.</summary>
    public static Tensor[] Apply(Func<Tensor[], Tensor[]> body, Tensor[] inputs)
    {
        if (!Grad.IsOn)
            return body(inputs);
        var piece = new Recomputation(body);
        var (outputs, mutables) = piece.RunFirst(inputs);
        Tensor?[] all = [.. inputs, .. mutables.Except(inputs)];
        if (Array.Exists(all, input => input is { RequiresGrad: true }))
            _ = new TapeEntry(new RecomputedOp(), new RecomputedKernel(piece, inputs.Length), all, outputs);
        return outputs;
    }

    /// <summary>Applies the piece again, recorded this time.</summary>
    public Tensor[] RunAgain(Tensor[] inputs)
    {
        using var recorded = Grad.Switch(isOff: false);
        _next = 0;
        var before = Innermost.Value;
        Innermost.Value = this;
        try
        {
            return _body(inputs);
        }
        finally
        {
            (Innermost.Value, _next) = (before, -1);
        }
    }

    private (Tensor[] Outputs, MutableTensor[] Mutables) RunFirst(Tensor[] inputs)
    {
        using var silence = Grad.Silently();
        using var scope = TensorScope.Begin();
        using var recording = Recording.Begin();
        Innermost.Value = this;
        try
        {
            // Views: an input that is handed through is an output of its own.
            Tensor[] outputs = [.. _body(inputs).Select(output => scope.Lift(output.Detach()))];
            return (outputs, [.. recording.Mutables]);
        }
        finally
        {
            Innermost.Value = _outer;
        }
    }

    private Draws Draw(Func<Draws> draw)
    {
        lock (_draws)
        {
            if (_next >= 0)
                return _draws[_next++];
            // A piece inside another one draws for both.
            var draws = _outer is null ? draw() : _outer.Draw(draw);
            _draws.Add(draws);
            return draws;
        }
    }
}

/// <summary>A piece of a network on the tape.</summary>
internal sealed record RecomputedOp : Op
{
    public override string Domain => TrainingDomain.Name;

    internal override void Infer(Inference facts) => throw new InvalidOperationException("A recomputed piece is sized by running it.");
}

/// <summary>The gradient of a piece that is computed again: inputs first, then the parameters that it was found to use.</summary>
internal sealed class RecomputedKernel(Recomputation piece, int inputs) : Kernel("Recomputed", TrainingDomain.Name)
{
    public override Tensor[] Apply(Op op, ReadOnlySpan<Tensor?> x, int outputCount) => throw new InvalidOperationException("A recomputed piece is applied by Grad.Recompute.");

    public override void Backward(GradientCall call)
    {
        Tensor[] leaves = [.. Enumerable.Range(0, inputs).Select(i => Leaf(call.X(i)))];
        var outputs = piece.RunAgain(leaves);
        var pass = new BackwardPass(TensorScope.Current!, gathersLeaves: true);
        for (var i = 0; i < outputs.Length; i++)
            if (call.HasDy(i) && outputs[i].RequiresGrad)
                pass.Start(outputs[i], call.Dy(i).Detach());
        var gradients = pass.Run();
        for (var i = 0; i < call.InputCount; i++)
            if (gradients.GetValueOrDefault(i < inputs ? leaves[i] : call.X(i)) is { } dx && call.Wants(i))
                call.Give(i, dx);
    }

    /// <summary>A parameter is its own leaf; anything else is cut off from its history, which has its own place in the walk.</summary>
    private static Tensor Leaf(Tensor x)
    {
        if (x is MutableTensor)
            return x;
        var leaf = x.Detach();
        leaf.RequiresGrad = x.RequiresGrad;
        return leaf;
    }
}
