using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training;

/// <summary>Looks at what every operator makes and stops at the first NaN. Slow, so it is asked for: <see cref="Grad.FindNaN"/>.</summary>
internal static class NanFinder
{
    private static readonly AsyncLocal<int> Depth = new();

    // How many finders are on in the whole process: where there is none, an operator pays one comparison.
    private static int Active;

    /// <summary>Whether operators are looked at here.</summary>
    public static bool IsOn => Volatile.Read(ref Active) > 0 && Depth.Value > 0;

    /// <summary>Looks until the result is disposed.</summary>
    public static IDisposable Begin() => new Finder();

    /// <summary>Refuses an operator's outputs if one of them holds a NaN.</summary>
    public static void Check(Op op, ReadOnlySpan<Tensor?> inputs, ReadOnlySpan<Tensor> outputs)
    {
        for (var i = 0; i < outputs.Length; i++)
            if (Find(outputs[i]) is { } element)
                throw new AnnealException($"{op.Name} made a NaN: output {i}, {outputs[i].Title}, element {element}. {Inputs(inputs)}");
    }

    private static string Inputs(ReadOnlySpan<Tensor?> inputs)
    {
        var parts = new List<string>();
        for (var i = 0; i < inputs.Length; i++)
            if (inputs[i] is { } input)
                parts.Add($"input {i} is {input.Title}{State(input)}");
        return parts.Count == 0 ? "It has no inputs." : $"Its {string.Join("; its ", parts)}.";
    }

    private static string State(Tensor input)
    {
        if (!input.DType.IsFloat() || input.Count == 0)
            return "";
        if (Find(input) is { } element)
            return $", which holds a NaN already at element {element} that no operator made here";
        var numbers = Doubles(input);
        return $" between {numbers.Min():G4} and {numbers.Max():G4}";
    }

    private static int? Find(Tensor tensor)
    {
        if (!tensor.DType.IsFloat())
            return null;
        var at = Array.FindIndex(Doubles(tensor), double.IsNaN);
        return at < 0 ? null : at;
    }

    private static double[] Doubles(Tensor tensor) => tensor.DType switch
    {
        DType.Double => tensor.ToArray<double>(),
        DType.Float32 => Array.ConvertAll(tensor.ToArray<float>(), e => (double)e),
        DType.Float16 => Array.ConvertAll(tensor.ToArray<Half>(), e => (double)e),
        _ => [],
    };

    private sealed class Finder : IDisposable
    {
        private bool _isDone;

        public Finder()
        {
            Interlocked.Increment(ref Active);
            Depth.Value++;
        }

        public void Dispose()
        {
            if (_isDone)
                return;
            _isDone = true;
            Depth.Value--;
            Interlocked.Decrement(ref Active);
        }
    }
}
