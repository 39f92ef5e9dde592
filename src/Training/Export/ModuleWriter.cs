using Anneal.Onnx;
using Anneal.Training.Nn;

namespace Anneal.Training.Export;

/// <summary>From a module to a model: recorded, compared with a recording of other extents, written.</summary>
internal static class ModuleWriter
{
    public static Model Write(Module module, TensorShape input, ExportOptions options)
    {
        var dialect = new ExportDialect(options.Opset ?? GraphBuilder.DefaultOpset);
        var axes = OpenAxis.Of(input, options);
        var first = ModuleRecording.Of(module, With(input, axes, axis => axis.First), options.InputType, dialect);
        var pair = axes.Count == 0 ? null : new RecordingPair(first, ModuleRecording.Of(module, With(input, axes, axis => axis.Second), options.InputType, dialect));
        var builder = new GraphBuilder(module.GetType().Name, dialect.Opset);
        var x = builder.Input(options.InputName, options.InputType, Declared(input, axes));
        return new RecordingWriter(module, first, new(builder, x, pair, axes), options).Write(x);
    }

    private static TensorShape With(TensorShape input, IReadOnlyList<OpenAxis> axes, Func<OpenAxis, int> extent)
    {
        var extents = input.ToArray();
        foreach (var axis in axes)
            extents[axis.Axis] = extent(axis);
        return TensorShape.Of(extents);
    }

    private static Shape Declared(TensorShape input, IReadOnlyList<OpenAxis> axes)
    {
        var dims = Array.ConvertAll(input.ToArray(), extent => Dim.Of(extent));
        foreach (var axis in axes)
            dims[axis.Axis] = Dim.Named(axis.Symbol);
        return new(dims);
    }
}
