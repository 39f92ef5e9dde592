using Anneal.Onnx;

namespace Anneal.Training.Tuning;

/// <summary>Data that a network cannot be trained on.</summary>
public sealed class DataRefusedException : AnnealException
{
    internal DataRefusedException(IReadOnlyList<DataFault> faults) : base(string.Join('\n', faults)) => Faults = faults;

    /// <summary>All that is wrong.</summary>
    public IReadOnlyList<DataFault> Faults { get; }
}
