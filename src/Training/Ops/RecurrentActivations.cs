using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Ops;

/// <summary>
/// The activations of recurrent layers by name (ONNX operators <c>RNN</c>, <c>GRU</c>, <c>LSTM</c>). Those that have an α or a β take them from
/// the attributes in their order, over all directions; what is not stated is the default of the operator of that name.
/// </summary>
internal sealed class RecurrentActivations
{
    // f and g work on gates, which are held in the layer's limit; h works on the cell of LSTM, which is not.
    private const int OnGates = 2;

    private readonly Queue<float> _alphas;
    private readonly Queue<float> _betas;
    private readonly Func<Tensor, Tensor> _clip;

    private RecurrentActivations(RecurrentLayer op, Tensor like)
    {
        (_alphas, _betas) = (new(op.ActivationAlpha ?? []), new(op.ActivationBeta ?? []));
        _clip = Clipped(op.Clip, like);
    }

    /// <summary>For each direction its activations.</summary>
    /// <param name="op">The layer.</param>
    /// <param name="directions">1 or 2.</param>
    /// <param name="defaults">The names for one direction where the layer names none.</param>
    /// <param name="like">Has the element type of what they will receive, and lives where that does.</param>
    /// <exception cref="AnnealException">A name is unknown, or there are too few or too many names, α or β.</exception>
    public static Func<Tensor, Tensor>[][] Of(RecurrentLayer op, int directions, IReadOnlyList<string> defaults, Tensor like)
    {
        string[] names = op.Activations is { } given ? [.. given] : [.. Enumerable.Repeat(defaults, directions).SelectMany(direction => direction)];
        if (names.Length != directions * defaults.Count)
            throw new AnnealException($"{op.Name} with {directions} directions needs {directions * defaults.Count} activations; {names.Length} are named ({string.Join(", ", names)}).");
        var reader = new RecurrentActivations(op, like);
        Func<Tensor, Tensor>[] activations = [.. names.Select((name, i) => reader.Read(op, name, isOnGates: i % defaults.Count < OnGates))];
        if (reader._alphas.Count + reader._betas.Count > 0)
            throw new AnnealException($"{op.Name}: {reader._alphas.Count} activation_alpha and {reader._betas.Count} activation_beta are left over; its activations ({string.Join(", ", names)}) take fewer.");
        return [.. activations.Chunk(defaults.Count)];
    }

    private Func<Tensor, Tensor> Read(RecurrentLayer op, string name, bool isOnGates)
    {
        // Files spell the names in any case, and runtimes take them so.
        Func<Tensor, Tensor> activation = name.ToUpperInvariant() switch
        {
            "RELU" => x => x.Relu(),
            "TANH" => x => x.Tanh(),
            "SIGMOID" => x => x.Sigmoid(),
            "SOFTSIGN" => Of(new Elementwise("Softsign")),
            "SOFTPLUS" => Of(new Elementwise("Softplus")),
            "LEAKYRELU" => Of(new LeakyRelu { Alpha = Next(_alphas, 0.01f) }),
            "THRESHOLDEDRELU" => Of(new ThresholdedRelu { Alpha = Next(_alphas, 1) }),
            "ELU" => Of(new Elu { Alpha = Next(_alphas, 1) }),
            "HARDSIGMOID" => Of(new HardSigmoid { Alpha = Next(_alphas, 0.2f), Beta = Next(_betas, 0.5f) }),
            "AFFINE" => Affine(Next(_alphas, 1), Next(_betas, 0)),
            "SCALEDTANH" when _alphas.Count > 0 && _betas.Count > 0 => ScaledTanh(_alphas.Dequeue(), _betas.Dequeue()),
            "SCALEDTANH" => throw new AnnealException($"{op.Name}: {name} has neither α nor β by default; state activation_alpha and activation_beta."),
            _ => throw new AnnealException($"{op.Name}: '{name}' is no activation that ONNX has for recurrent layers."),
        };
        return isOnGates ? x => activation(_clip(x)) : activation;
    }

    private static float Next(Queue<float> given, float byDefault) => given.TryDequeue(out var value) ? value : byDefault;

    private static Func<Tensor, Tensor> Of(Op op) => x => Tensor.Apply(op, x);

    private static Func<Tensor, Tensor> Affine(double alpha, double beta) => x => (x * alpha) + beta;

    private static Func<Tensor, Tensor> ScaledTanh(double alpha, double beta) => x => (x * beta).Tanh() * alpha;

    private static Func<Tensor, Tensor> Clipped(float? clip, Tensor like)
    {
        if (clip is not { } limit)
            return x => x;
        var (op, least, greatest) = (new Clip(), Limit(-limit), Limit(limit));
        return x => Tensor.Apply(op, x, least, greatest);

        Tensor Limit(double value) => Tensor.Full(TensorShape.Scalar, value, like.DType, like.Device);
    }
}
