using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Training.Devices;

namespace Anneal.Training.Graphs;

/// <summary>One node of a graph, read and ready to be run.</summary>
/// <param name="node">The node.</param>
/// <param name="op">Its operator.</param>
/// <param name="subgraphs">The graphs in its attributes.</param>
/// <param name="instead">What it does instead of applying its operator; null applies it.</param>
/// <param name="ending">The values that nobody reads any more once it has run.</param>
/// <param name="placeless">The values that go where the others live.</param>
internal sealed class GraphStep(Node node, Op op, GraphRunner[] subgraphs, NodeFunction? instead, Value[] ending, IReadOnlySet<Value> placeless)
{
    // The inputs that are computed with, and those among them that may have to come to the others; a node that holds graphs leaves that to theirs.
    private readonly int[] _computed = [.. Enumerable.Range(0, node.Inputs.Count).Where(i => subgraphs.Length == 0 && node.Inputs[i] is not null && !Steering.Reads(node, i))];
    private readonly bool[] _isPlaceless = [.. node.Inputs.Select(input => input is not null && placeless.Contains(input))];

    public void Run(Frame frame)
    {
        frame.Cancellation.ThrowIfCancellationRequested();
        if (Grad.IsOn)
            Put(frame, Apply(frame));
        else
            RunAndFree(frame);
    }

    /// <summary>Nothing is recorded: what the operator made on its way goes at once, and so does what nobody reads any more.</summary>
    private void RunAndFree(Frame frame)
    {
        using (var scope = TensorScope.Begin())
        {
            var outputs = ApplyTowardsCaller(frame);
            for (var i = 0; i < outputs.Length; i++)
                outputs[i] = scope.Lift(IsOwn(outputs, i, scope) ? outputs[i] : outputs[i].View(outputs[i].Shape));
            Put(frame, outputs);
        }
        foreach (var value in ending)
            frame.Free(value);
    }

    // Each value is an object of its own, so that each can go by itself: an operator may hand on what it was given.
    private static bool IsOwn(Tensor[] outputs, int index, TensorScope scope) =>
        outputs[index].Owner == scope && Array.IndexOf(outputs, outputs[index], 0, index) < 0;

    /// <summary>Has an output that a caller gave memory for written there, where the operator takes the offer and nobody else reads it.</summary>
    private Tensor[] ApplyTowardsCaller(Frame frame)
    {
        if (node.Outputs is not [{ Uses.Count: 0 } output] || subgraphs.Length > 0 || instead is not null || frame.Destination(output) is not { } destination)
            return Apply(frame);
        try
        {
            destination.Offer();
            return Apply(frame);
        }
        finally
        {
            LentMemory.EndOffer();
        }
    }

    private Tensor[] Apply(Frame frame)
    {
        var inputs = new Tensor?[node.Inputs.Count];
        for (var i = 0; i < inputs.Length; i++)
            inputs[i] = node.Inputs[i] is { } value ? frame.Get(value) : null;
        BringTogether(inputs);
        try
        {
            if (instead is not null)
                return instead(inputs);
            return subgraphs.Length > 0
                ? ControlFlowRunner.Run(op, subgraphs, frame, inputs)
                : Tensor.ApplyAll(op, node.Outputs.Count, inputs);
        }
        catch (AnnealException e)
        {
            throw new AnnealException($"{node.Title}: {e.Message}", e);
        }
    }

    /// <summary>On a device, what follows from the file and from shapes alone comes to where the other inputs live.</summary>
    private void BringTogether(Tensor?[] inputs)
    {
        ComputeDevice? device = null;
        foreach (var i in _computed)
            if (inputs[i]!.Compute is not CpuDevice)
                device ??= inputs[i]!.Compute;
        if (device is null)
            return;
        foreach (var i in _computed)
            if (_isPlaceless[i] && inputs[i]!.Compute != device)
                inputs[i] = inputs[i]!.To(device.Name);
    }

    private void Put(Frame frame, Tensor[] outputs)
    {
        for (var i = 0; i < node.Outputs.Count; i++)
            if (node.Outputs[i] is { } value)
                frame.Set(value, i < outputs.Length ? outputs[i] : throw new AnnealException($"{node.Title}: this engine does not compute its output {i}, '{value.Name}'."));
    }
}

/// <summary>What a node does: its outputs from its inputs, null where one is left out.</summary>
internal delegate Tensor[] NodeFunction(Tensor?[] inputs);
