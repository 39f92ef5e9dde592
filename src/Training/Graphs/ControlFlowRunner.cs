using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Graphs;

/// <summary>Runs the operators that hold graphs, as plain <c>if</c> and <c>for</c>: what they do is recorded, round after round.</summary>
internal static class ControlFlowRunner
{
    public static bool Runs(Op op) => op is If or Loop or Scan;

    public static Tensor[] Run(Op op, GraphRunner[] subgraphs, Frame frame, Tensor?[] inputs) => op switch
    {
        If choice => Array.Find(subgraphs, runner => runner.Runs(inputs[0]!.Item() != 0 ? choice.ThenBranch : choice.ElseBranch))!.RunInside(frame, []),
        Loop loop => Run(loop, subgraphs[0], frame, inputs),
        Scan scan => Run(scan, subgraphs[0], frame, inputs),
        _ => throw new InvalidOperationException($"{op.Name} holds no graph."),
    };

    private static Tensor[] Run(Loop loop, GraphRunner body, Frame frame, Tensor?[] inputs)
    {
        var most = inputs[0] is { } limit ? (long)limit.Item() : long.MaxValue;
        var goOn = inputs.Length < 2 || inputs[1] is not { } condition || condition.Item() != 0;
        Tensor[] carried = [.. inputs.Skip(2).Select(tensor => tensor!)];
        var stacks = new Stacks(loop.Body.Outputs.Count - 1 - carried.Length);
        for (var round = 0L; round < most && goOn; round++)
        {
            var outputs = body.RunInside(frame, [Tensor.Scalar(round), Tensor.Scalar(goOn), .. carried]);
            goOn = outputs[0].Item() != 0;
            stacks.Add(outputs.AsSpan(1 + carried.Length));
            carried = Replace(carried, outputs, outputs[1..(1 + carried.Length)], stacks);
        }
        return [.. carried, .. stacks.Join(i => (0, false), i => loop.Body.Outputs[1 + carried.Length + i])];
    }

    private static Tensor[] Run(Scan scan, GraphRunner body, Frame frame, Tensor?[] inputs)
    {
        var count = (int)scan.NumScanInputs;
        var states = inputs[..^count].Select(tensor => tensor!).ToArray();
        var slices = inputs[^count..].Select((tensor, i) => Cut(tensor!, scan.ScanInputAxes?[i] ?? 0, scan.ScanInputDirections?[i] == 1)).ToArray();
        var stacks = new Stacks(scan.Body.Outputs.Count - states.Length);
        for (var round = 0; round < slices[0].Length; round++)
        {
            var outputs = body.RunInside(frame, [.. states, .. slices.Select(slice => slice[round])]);
            stacks.Add(outputs.AsSpan(states.Length));
            states = Replace(states, outputs, outputs[..states.Length], stacks);
        }
        return [.. states, .. stacks.Join(i => ((int)(scan.ScanOutputAxes?[i] ?? 0), scan.ScanOutputDirections?[i] == 1), i => scan.Body.Outputs[states.Length + i])];
    }

    /// <summary>What a round carries on. Where nothing is recorded, what the rounds before have made and nobody holds any more goes.</summary>
    private static Tensor[] Replace(Tensor[] before, Tensor[] outputs, Tensor[] carried, Stacks stacks)
    {
        if (!Grad.IsOn)
            foreach (var tensor in before)
                if (tensor.Owner is not null && tensor.Owner == TensorScope.Current && Array.IndexOf(outputs, tensor) < 0 && !stacks.Hold(tensor))
                    tensor.Discard("the next round has replaced it");
        return carried;
    }

    private static Tensor[] Cut(Tensor tensor, long axis, bool backwards)
    {
        var at = (int)(axis < 0 ? axis + tensor.Rank : axis);
        var slices = Enumerable.Range(0, tensor.Shape[at]).Select(i => tensor.Slice(at, i, i + 1).Squeeze(at));
        return [.. backwards ? slices.Reverse() : slices];
    }

    /// <summary>What the rounds of a loop gave, to be joined along a new axis.</summary>
    private sealed class Stacks(int count)
    {
        private readonly List<Tensor>[] _rounds = [.. Enumerable.Range(0, count).Select(_ => new List<Tensor>())];

        public void Add(ReadOnlySpan<Tensor> outputs)
        {
            for (var i = 0; i < outputs.Length; i++)
                _rounds[i].Add(outputs[i]);
        }

        public bool Hold(Tensor tensor) => Array.Exists(_rounds, rounds => rounds.Contains(tensor));

        public IEnumerable<Tensor> Join(Func<int, (int Axis, bool Backwards)> layout, Func<int, Value> declared) => _rounds.Select((rounds, i) =>
        {
            var (axis, backwards) = layout(i);
            if (rounds.Count == 0)
                return Nothing(declared(i));
            var at = axis < 0 ? axis + rounds[0].Rank + 1 : axis;
            var parts = rounds.Select(tensor => tensor.Unsqueeze(at));
            return Tensor.Concat(at, [.. backwards ? parts.Reverse() : parts]);
        });

        /// <summary>A loop without a round gives an empty stack, whose other extents only the graph can tell.</summary>
        private static Tensor Nothing(Value declared) => declared.Type is TensorType { Shape: { IsStatic: true } shape } type
            ? Tensor.Zeros(TensorShape.Of([0, .. shape.Select(dim => (int)dim.Value)]), type.ElementType)
            : throw new ShapeMismatchException($"A loop went round no time, and the shape of '{declared.Name}' that it would have stacked is not stated.");
    }
}
