using Anneal.Onnx;

namespace Anneal.Runtime.Conformance;

/// <summary>
/// Runs cases on an engine and compares as ONNX's own runner does: relative 1e-3, absolute 1e-7. A wrong value is a failure whatever the operator is;
/// a model that the engine refuses to open is not supported, and so is one that it gives up on for an element type beyond those that
/// <see cref="IsPlain"/> lists.
/// </summary>
internal sealed class ConformanceCheck(IEngine engine, EngineOptions options)
{
    /// <summary>Runs one case. Whatever goes wrong in it is its result.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public ConformanceResult Run(ConformanceCase @case, CancellationToken cancellation = default)
    {
        try
        {
            return Judge(@case, cancellation);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return ConformanceResult.Fail(error is AnnealException ? error.Message : $"{error.GetType().Name}: {error.Message}");
        }
    }

    private ConformanceResult Judge(ConformanceCase @case, CancellationToken cancellation)
    {
        if (@case.DataSets.Count == 0)
            return ConformanceResult.Fail("it has no data set (a folder test_data_set_0)");
        var model = OnnxFile.Load(@case.Model);
        if (RandomNumbers.AreIn(model, @case))
            return ConformanceResult.Unsupported("random");
        IModelSession session;
        try
        {
            session = engine.Open(@case.Model, options);
        }
        catch (AnnealException refusal) when (refusal is not DeviceUnavailableException)
        {
            return ConformanceResult.Unsupported(refusal.Message);
        }
        using (session)
            return Judge(@case, model, session, cancellation);
    }

    private static ConformanceResult Judge(ConformanceCase @case, Model model, IModelSession session, CancellationToken cancellation)
    {
        var worst = 0.0;
        foreach (var dataSet in @case.DataSets)
        {
            IReadOnlyList<NamedTensor> found;
            try
            {
                found = session.Run(Inputs(session, dataSet), cancellation);
            }
            catch (AnnealException error) when (!IsPlain(model))
            {
                return ConformanceResult.Unsupported(error.Message);
            }
            foreach (var (index, path) in ConformanceCase.Vectors(dataSet, "output").Index())
            {
                var difference = TensorDifference.Between(TensorFile.Load(path), TensorConversion.ToData(found[index]), @case.Absolute);
                worst = Math.Max(worst, difference.Largest);
                if (difference.Fault is { } fault)
                    return ConformanceResult.Fail($"output {index} '{found[index].Name}': {fault}", worst);
            }
        }
        return new(ConformanceOutcome.Pass, MaxError: worst);
    }

    private static NamedTensor[] Inputs(IModelSession session, string dataSet)
    {
        var paths = ConformanceCase.Vectors(dataSet, "input");
        return paths.Count == session.Inputs.Count
            ? [.. paths.Zip(session.Inputs, (path, input) => TensorConversion.ToNamed(input.Name, TensorFile.Load(path)))]
            : throw new AnnealException($"the model takes {session.Inputs.Count} inputs and {Path.GetFileName(dataSet)} has {paths.Count}");
    }

    /// <summary>Whether all that a model says of its values is of the types that every engine computes: float32, double, int64, int32, bool, uint8.</summary>
    private static bool IsPlain(Model model) => model.AllGraphs().SelectMany(graph => graph.Values).Select(value => value.Type).OfType<OnnxType>()
        .All(type => type is TensorType { ElementType: DType.Float32 or DType.Double or DType.Int64 or DType.Int32 or DType.Bool or DType.UInt8 or DType.Undefined });
}
