using System.Diagnostics;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>Tells how long each operator took, to whoever listens; costs nothing when nobody does.</summary>
internal static class OpProfile
{
    /// <summary>Hears of every operator that was computed, gradients included.</summary>
    public static Action<Op, TimeSpan>? Listener { get; set; }

    public static void Begin(out long start) => start = Listener is null ? 0 : Stopwatch.GetTimestamp();

    public static void End(Op op, long start) => Listener?.Invoke(op, Stopwatch.GetElapsedTime(start));
}
