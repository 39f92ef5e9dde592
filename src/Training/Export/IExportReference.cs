using Anneal.Runtime;

namespace Anneal.Training.Export;

/// <summary>What a written file is held against: the model as it computes here.</summary>
internal interface IExportReference
{
    /// <summary>The outputs for some inputs, under the file's names and in its order.</summary>
    IReadOnlyList<NamedTensor> Run(IReadOnlyList<NamedTensor> inputs, CancellationToken cancellation);
}
