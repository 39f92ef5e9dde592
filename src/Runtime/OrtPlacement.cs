using System.Text.Json;
using Anneal.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Runtime;

/// <summary>
/// Which node runs where. ONNX Runtime 1.31's C# surface tells it in one place only, the profile of a run: so the session is opened with
/// its profiler on, run once on zeros, and the profile read. Nodes are those of the optimised graph; what was folded away is not there.
/// </summary>
internal static class OrtPlacement
{
    private const string Suffix = "_kernel_time";

    /// <summary>The placement, or null and a notice why it cannot be told; the profiler is off afterwards.</summary>
    public static IReadOnlyList<NodePlacement>? Find(IModelSession session, InferenceSession native, Device device, List<string> notices)
    {
        var inputs = WarmUp.Zeros(session.Inputs, out var reason);
        if (inputs is not null)
            session.Run(inputs);
        var file = native.EndProfiling();
        if (inputs is null)
        {
            notices.Add($"Which node runs where is not known: it takes a run, and {reason}.");
            return null;
        }
        var placement = Read(File.ReadAllBytes(file));
        NoticeFallback(placement, device, notices);
        return placement;
    }

    /// <summary>Reads a profile: an array of events, of which those of category "Node" that end in "_kernel_time" are the nodes that ran.</summary>
    public static IReadOnlyList<NodePlacement> Read(ReadOnlyMemory<byte> profile)
    {
        using var document = JsonDocument.Parse(profile);
        return [.. document.RootElement.EnumerateArray()
            .Where(item => Text(item, "cat") == "Node" && Text(item, "name").EndsWith(Suffix, StringComparison.Ordinal))
            .Select(item => new NodePlacement(Text(item, "name")[..^Suffix.Length], Text(item.GetProperty("args"), "op_name"), Text(item.GetProperty("args"), "provider")))
            .Distinct()];
    }

    /// <summary>Says which nodes of a session on a GPU run on the processor.</summary>
    public static void NoticeFallback(IReadOnlyList<NodePlacement> placement, Device device, List<string> notices)
    {
        var onCpu = placement.Where(node => node.Provider == OrtProviders.Cpu).Select(node => $"{node.OpType} '{node.Node}'").ToArray();
        if (device.Kind is not DeviceKind.Cpu && onCpu.Length > 0)
            notices.Add($"{onCpu.Length} of {placement.Count} nodes run on the processor, not on {device}: {string.Join(", ", onCpu)}.");
    }

    private static string Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString()! : "";
}
