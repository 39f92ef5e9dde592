using System.Globalization;
using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Zoo;

namespace Anneal.Training.Export;

/// <summary>Writes one file: what options ask for is done, the file is made beside its place, proven, and put there.</summary>
internal sealed class ExportRun(string path, ExportOptions options, CancellationToken cancellation)
{
    // "Bare" ONNX Runtime as any program has it, but for the cores that it leaves to the reference.
    private static readonly EngineOptions Bare = new() { Device = Device.Cpu, Spinning = false };

    private readonly ExportSteps _steps = new(options);

    /// <summary>Writes a model, held against this library's own kernels, or against ONNX Runtime where one of them is missing.</summary>
    public ExportReport Run(Model original)
    {
        if (ReferenceHere(original) is { } reference)
            return Run(original, reference);
        using var session = new OrtEngine().Open(ModelSource.FromModel(original), Bare);
        return Run(original, new OrtReference(session));
    }

    /// <summary>Writes a model.</summary>
    /// <param name="original">The model, which stays as it is.</param>
    /// <param name="reference">What it computes here.</param>
    public ExportReport Run(Model original, IExportReference reference)
    {
        using var place = new ExportPlace(path, options.Overwrite);
        var model = _steps.Apply(original, opensBatch: reference is not OrtReference);
        cancellation.ThrowIfCancellationRequested();
        var expected = _steps.HasNewSoftmax ? new SoftmaxReference(reference) : reference;
        return options.Float16Weights ? WriteHalf(place, model, expected) : Write(place, model, expected);
    }

    private OnnxReference? ReferenceHere(Model model)
    {
        try
        {
            return new(new(model), model);
        }
        catch (AnnealException e)
        {
            _steps.Notices.Add($"The file was compared with the model in ONNX Runtime, because this library's own engine cannot run it: {e.Message}");
            return null;
        }
    }

    private ExportReport Write(ExportPlace place, Model model, IExportReference reference)
    {
        place.Write(model);
        var (worst, batches) = Proven(place, reference);
        return Committed(place, model, worst, batches);
    }

    /// <summary>
    /// Rounding changes outputs by more than any tolerance for arithmetic. So the model before it is held against the reference, the file against the rounded
    /// model, and what rounding costs is said.
    /// </summary>
    private ExportReport WriteHalf(ExportPlace place, Model model, IExportReference reference)
    {
        var half = HalfWeights.Of(model, _steps.Notices);
        place.Write(model);
        _ = Proven(place, reference);
        place.Write(half.Stored);
        var (worst, batches) = Proven(place, new OnnxReference(new(half.Rounded), half.Rounded));
        var cost = Compare(place, reference).Worst;
        _steps.Notices.Add(string.Create(CultureInfo.InvariantCulture,
            $"Weights are stored as float16: {half.SizeBytes.After} bytes in place of {half.SizeBytes.Before}. Rounding them changes output '{cost.Output}' by up to {cost.Largest:g2} of its largest number."));
        return Committed(place, half.Stored, worst, batches);
    }

    private ExportReport Committed(ExportPlace place, Model model, ModelComparison worst, IReadOnlyList<int> batches)
    {
        if (options.Metadata is { } metadata)
            Describe(place, model, metadata);
        cancellation.ThrowIfCancellationRequested();
        var size = place.SizeBytes;
        place.Commit();
        return new(place.Path, worst.Largest, _steps.Notices) { Output = worst.Output, Batches = batches, SizeBytes = size, Opset = model.OperatorSets[""] ?? 0 };
    }

    /// <summary>The golden example asks the proven file, and then the file that carries it.</summary>
    private void Describe(ExportPlace place, Model model, ModelMetadata metadata)
    {
        var described = model.Copy();
        using (var session = new OrtEngine().Open(ModelSource.FromFile(place.Made), Bare))
            new SelfDescription(session, options, _steps).Complete(metadata, cancellation).WriteTo(described);
        // What says the same already stays in its order.
        if (!Entries(described).SequenceEqual(Entries(model)))
            place.Write(described);
        if (ModelMetadata.Read(described, place.Path)?.Golden is null)
            return;
        var found = ModelVerifier.Verify(place.Made, cancellation: cancellation);
        if (!found.IsGood)
            throw new AnnealException(string.Create(CultureInfo.InvariantCulture,
                $"{place.Path} is not written: it answers its golden example with a difference of {found.Largest:g2}, where {found.Tolerance:g2} is allowed. The example belongs to another model."));
    }

    private static IEnumerable<string> Entries(Model model) => model.Metadata.Select(entry => entry.ToString()).Order(StringComparer.Ordinal);

    private (ModelComparison Worst, IReadOnlyList<int> Batches) Proven(ExportPlace place, IExportReference reference)
    {
        var (worst, batches) = Compare(place, reference);
        return worst.Largest <= options.Tolerance ? (worst, batches) : throw new AnnealException(string.Create(CultureInfo.InvariantCulture,
            $"{place.Path} is not written: output '{worst.Output}' in ONNX Runtime differs from what the model computes here by {worst.Largest:g2} of its largest number; {options.Tolerance:g2} is allowed."));
    }

    private (ModelComparison Worst, IReadOnlyList<int> Batches) Compare(ExportPlace place, IExportReference reference)
    {
        try
        {
            using var session = new OrtEngine().Open(ModelSource.FromFile(place.Made), Bare);
            var check = new FileCheck(session, cancellation);
            return (check.Against(reference), check.Batches);
        }
        catch (AnnealException e)
        {
            throw new AnnealException($"{place.Path} is not written: {e.Message.Replace(place.Made, place.Path, StringComparison.Ordinal)}", e);
        }
    }
}
