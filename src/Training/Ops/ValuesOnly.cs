using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>An operator made of others that has values and refuses to be trained, saying why, rather than let a gradient end unseen.</summary>
internal sealed class ValuesOnly<TOp> : CompositeKernel where TOp : Op
{
    private readonly string _whyNot;
    private readonly Composites<TOp>.Formula _formula;

    public ValuesOnly(string name, string whyNot, Composites<TOp>.Formula formula) : base(name) =>
        (_whyNot, _formula, IsChecked) = (whyNot, formula, true);

    protected override Tensor[] Compose(Op op, ReadOnlySpan<Tensor?> inputs, int outputCount)
    {
        foreach (var input in inputs)
            if (Grad.IsOn && input is { RequiresGrad: true })
                throw new AnnealException($"{Name} cannot be trained: {_whyNot}. {input.Title} wants a gradient through it. Train the model before it is quantised, or run it with Grad.Off().");
        using var scope = TensorScope.Begin();
        var outputs = _formula((TOp)op, inputs, outputCount);
        foreach (var output in outputs)
            scope.Lift(output);
        return outputs[..outputCount];
    }
}
