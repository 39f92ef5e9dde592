using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Cli.Comparison;

/// <summary>What two sides gave on all inputs.</summary>
internal sealed record OutputComparison
{
    /// <summary>The devices that the two sides really ran on.</summary>
    public required (Device First, Device Second) Devices { get; init; }

    /// <summary>How many inputs both sides answered.</summary>
    public int Inputs { get; init; }

    /// <summary>The largest difference of all outputs; null when there was no input.</summary>
    public ValueDifference? Largest { get; init; }

    /// <summary>The input that it was seen on.</summary>
    public string? Where { get; init; }

    /// <summary>For pictures, how often both sides named the same class as the best; otherwise null.</summary>
    public int? SameBest { get; init; }

    /// <summary>For pictures, how often both sides named the same best classes in the same order; otherwise null.</summary>
    public int? SameTop { get; init; }

    /// <summary>How many best classes that are: as many as were asked for, or as there are.</summary>
    public int Top { get; init; }

    /// <summary>Why some pictures were left out.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];

    /// <summary>An input on which the sides can be compared node by node.</summary>
    public IReadOnlyList<NamedTensor> Sample { get; init; } = [];

    /// <summary>Takes in the outputs of one run.</summary>
    public OutputComparison With(IReadOnlyList<NamedTensor> expected, IReadOnlyList<NamedTensor> found, string where)
    {
        var result = this;
        foreach (var (a, b) in expected.Zip(found))
            if (ValueDifference.Between(a, b) is var difference && !(difference.Relative <= result.Largest?.Relative))
                result = result with { Largest = difference, Where = where };
        return result;
    }
}
