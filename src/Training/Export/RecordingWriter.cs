using Anneal.Onnx;
using Anneal.Training.Nn;

namespace Anneal.Training.Export;

/// <summary>
/// Writes a recording as a graph. Parameters and buffers keep their names in the module, nodes are named after the module whose forward applied them, and
/// equal constants are stored once.
/// </summary>
/// <param name="module">What was recorded.</param>
/// <param name="recording">The recording that is written.</param>
/// <param name="constants">What becomes of constants that differ between two recordings.</param>
/// <param name="options">Names.</param>
internal sealed class RecordingWriter(Module module, ModuleRecording recording, OpenConstants constants, ExportOptions options)
{
    private readonly GraphBuilder _builder = constants.Builder;
    private readonly Dictionary<RecordedValue, Value> _written = [];
    private readonly Dictionary<MutableTensor, Value> _weights = [];
    private readonly Dictionary<MutableTensor, string> _names = module.NamedParameters().Select(named => ((MutableTensor)named.Parameter, named.Name))
        .Concat(module.NamedBuffers().Select(named => ((MutableTensor)named.Buffer, named.Name))).ToDictionary();

    private readonly Dictionary<ModuleBase, string> _places = module.NamedModules().ToDictionary(named => named.Module, named => named.Name);

    public Model Write(Value input)
    {
        _written.Add(recording.Input, input);
        foreach (var call in recording.Calls)
            Write(call);
        _builder.Output(options.OutputName, Find(recording.Output));
        return _builder.Build();
    }

    private void Write(RecordedCall call)
    {
        var place = call.Place is { } within ? _places.GetValueOrDefault(within, "") : "";
        using var scope = place.Length > 0 ? _builder.Scope(place) : null;
        List<Value?> inputs = [.. call.Inputs.Select((input, i) => input is null ? null : InputOf(call, i, input))];
        while (inputs is [.., null])
            inputs.RemoveAt(inputs.Count - 1);
        foreach (var (value, output) in _builder.ApplyMany(call.Outputs.Count, call.Op, inputs).Zip(call.Outputs))
            _written[output] = value;
    }

    private Value InputOf(RecordedCall call, int index, RecordedValue input) => input.Constant is { } constant
        ? constants.Write(call, index, constant)
        : Find(input);

    private Value Find(RecordedValue value)
    {
        if (value.Mutable is not { } mutable)
            return _written[value];
        if (!_weights.TryGetValue(mutable, out var weight))
            _weights.Add(mutable, weight = _builder.Weight(_names[mutable], mutable.ToTensorData()));
        return weight;
    }
}
