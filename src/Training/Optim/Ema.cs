using System.Numerics;
using Anneal.Onnx;

namespace Anneal.Training.Optim;

/// <summary>
/// Exponential moving averages of parameters and buffers, which often predict better than the parameters themselves (Polyak and Juditsky 1992):
/// <code>
/// optimizer.Step();
/// ema.Update();
/// …
/// using (ema.Apply())
///     Evaluate(model);
/// </code>
/// </summary>
public sealed class Ema
{
    private readonly MutableTensor[] _tensors;
    private readonly StateTensor[] _averages;
    private bool _isApplied;

    /// <summary>Averages that start with what the tensors hold now.</summary>
    /// <param name="tensors">Parameters, and buffers such as running means. Integers among them are copied, for they have no average.</param>
    /// <param name="decay">The share of the average that is kept at each update, from 0 to below 1.</param>
    /// <exception cref="AnnealException">The decay is outside its range.</exception>
    public Ema(IEnumerable<MutableTensor> tensors, double decay = 0.999)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (decay is not (>= 0 and < 1))
            throw new AnnealException($"The decay of an average must be from 0 to below 1; {decay} was given.");
        Decay = decay;
        _tensors = [.. tensors.Distinct()];
        _averages = Array.ConvertAll(_tensors, tensor => new StateTensor(tensor));
    }

    /// <summary>The share of an average that is kept at each update.</summary>
    public double Decay { get; }

    /// <summary>How many updates there were.</summary>
    public long Updates { get; private set; }

    /// <summary>Moves the averages towards what the tensors hold; the first update copies it.</summary>
    /// <exception cref="AnnealException">The averages are applied.</exception>
    public void Update()
    {
        RequireNotApplied(nameof(Update));
        FollowTensors();
        var kept = Updates++ == 0 ? 0 : Decay;
        for (var i = 0; i < _tensors.Length; i++)
            if (kept == 0 || !_tensors[i].DType.IsFloat())
                _averages[i].Assign(_tensors[i]);
            else if (_tensors[i].DType == DType.Float32)
                UpdateLoop.Run<float, TowardsRule<float>>(new(1 - kept), _averages[i], _tensors[i]);
            else
                UpdateLoop.Run<double, TowardsRule<double>>(new(1 - kept), _averages[i], _tensors[i]);
    }

    /// <summary>Puts the averages in the place of the tensors until the result is disposed. Meanwhile neither train nor update.</summary>
    /// <exception cref="AnnealException">The averages are applied already.</exception>
    public IDisposable Apply()
    {
        RequireNotApplied(nameof(Apply));
        FollowTensors();
        return new Application(this);
    }

    /// <summary>The averages for a checkpoint, each under the name of its tensor.</summary>
    public IReadOnlyList<StateTensor> State()
    {
        RequireNotApplied(nameof(State));
        for (var i = 0; i < _tensors.Length; i++)
            _averages[i].Name = _tensors[i].Name ?? $"tensor{i}";
        return _averages;
    }

    /// <summary>Goes on from what <see cref="State"/> gave.</summary>
    /// <param name="state">The averages, in their order.</param>
    /// <param name="updates">How many updates there were.</param>
    /// <exception cref="AnnealException">There are more averages or fewer, or their names differ.</exception>
    /// <exception cref="ShapeMismatchException">An average does not fit its tensor.</exception>
    public void Load(IReadOnlyList<Tensor> state, long updates)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentOutOfRangeException.ThrowIfNegative(updates);
        var own = State();
        if (!own.Select(average => average.Name).SequenceEqual(state.Select(tensor => tensor.Name)))
            throw new AnnealException($"These are averages of other tensors: {Names(own)} are kept, and {Names(state)} were given.");
        for (var i = 0; i < _averages.Length; i++)
            _averages[i].Assign(state[i]);
        Updates = updates;
    }

    /// <summary>The averages under the names of their tensors in a network; one that is no part of it goes by its place.</summary>
    internal IEnumerable<(string Name, StateTensor Average)> Named(IReadOnlyDictionary<MutableTensor, string> names)
    {
        RequireNotApplied(nameof(Named));
        return _tensors.Select((tensor, i) => (names.GetValueOrDefault(tensor) ?? $"tensor{i}", _averages[i]));
    }

    /// <summary>Goes on from what <see cref="Named"/> gave.</summary>
    internal void Recall(IReadOnlyDictionary<string, Tensor> state, IReadOnlyDictionary<MutableTensor, string> names, long updates)
    {
        (string Name, StateTensor Average)[] own = [.. Named(names)];
        if (own.Length != state.Count || !Array.TrueForAll(own, named => state.ContainsKey(named.Name)))
            throw new AnnealException($"These are averages of other tensors: {own.Length} are kept, and {state.Count} were given, or their names differ.");
        foreach (var (name, average) in own)
            average.Assign(state[name]);
        Updates = updates;
    }

    private static string Names(IReadOnlyList<Tensor> tensors) => tensors.Count == 0 ? "none" : $"{tensors.Count}, from '{tensors[0].Name}' on,";

    /// <summary>Averages live where their tensors do, wherever those have been moved to.</summary>
    private void FollowTensors()
    {
        for (var i = 0; i < _tensors.Length; i++)
            _averages[i].SendTo(_tensors[i].Compute);
    }

    private void RequireNotApplied(string what)
    {
        if (_isApplied)
            throw new AnnealException($"{nameof(Ema)}.{what} must wait: the averages stand in the place of the tensors until what {nameof(Apply)} gave is disposed.");
    }

    internal readonly struct TowardsRule<T>(double share) : IUpdateRule<T> where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T _share = T.CreateTruncating(share);

        public void Update<TLanes>(ref TLanes average, TLanes value, ref TLanes a, ref TLanes b, ref TLanes c)
            where TLanes : struct, ILanes<TLanes, T> => average += (value - average) * _share;
    }

    /// <summary>Tensors and averages trade places, and back.</summary>
    private sealed class Application : IDisposable
    {
        private readonly Ema _ema;

        public Application(Ema ema)
        {
            _ema = ema;
            ema._isApplied = true;
            Trade();
        }

        public void Dispose()
        {
            if (!_ema._isApplied)
                return;
            Trade();
            _ema._isApplied = false;
        }

        private void Trade()
        {
            for (var i = 0; i < _ema._tensors.Length; i++)
                _ema._tensors[i].Trade(_ema._averages[i]);
        }
    }
}
