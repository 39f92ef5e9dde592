using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>Runs on zeros, where a model can be run on zeros.</summary>
internal static class WarmUp
{
    /// <summary>Runs the model a number of times, or leaves a notice why it cannot.</summary>
    public static void Run(IModelSession session, int runs, List<string> notices)
    {
        if (runs == 0)
            return;
        if (Zeros(session.Inputs, out var reason) is not { } inputs)
        {
            notices.Add($"The session was not warmed up: {reason}. Run it once on real input instead.");
            return;
        }
        for (var i = 0; i < runs; i++)
            session.Run(inputs);
    }

    /// <summary>One tensor of zeros for each input with a batch of one, or null and the reason.</summary>
    public static IReadOnlyList<NamedTensor>? Zeros(IReadOnlyList<TensorInfo> inputs, out string reason)
    {
        var tensors = new NamedTensor[inputs.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            if (inputs[i].DType is DType.String || inputs[i].Shape.Skip(1).Any(extent => extent < 0))
            {
                reason = $"no value can be made up for its input {inputs[i]}, which is of text or leaves more open than its first extent";
                return null;
            }
            tensors[i] = NamedTensor.Allocate(inputs[i].Name, inputs[i].DType, [.. inputs[i].Shape.Select(extent => Math.Max(extent, 1))]);
        }
        reason = "";
        return tensors;
    }
}
