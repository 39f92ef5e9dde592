using Anneal.Onnx;
using Anneal.Onnx.Ops;

namespace Anneal.Training.Tests;

/// <summary>What recurrent layers promise beyond the matrix: the layout, and what they refuse.</summary>
public sealed class RecurrentTests
{
    private const int Steps = 4, Batch = 3, Width = 5, Hidden = 2;

    private static readonly Generator Numbers = new(3);

    [Theory, InlineData("RNN"), InlineData("GRU"), InlineData("LSTM")]
    public void The_batch_first_is_the_sequence_first_turned(string name)
    {
        var (op, gates) = Layer(name);
        var given = Inputs(gates, op is LSTM);
        var expected = Tensor.ApplyAll(op, op is LSTM ? 3 : 2, given);
        Tensor?[] turned = [Turned(given[0]), .. given[1..5], .. given[5..].Select(Turned)];
        var found = Tensor.ApplyAll(op with { Layout = 1 }, expected.Length, turned);
        Assert.Equal(expected[0].ToArray<float>(), found[0].Transpose(1, 2, 0, 3).ToArray<float>());
        for (var i = 1; i < found.Length; i++)
            Assert.Equal(expected[i].ToArray<float>(), found[i].Transpose(1, 0, 2).ToArray<float>());
    }

    [Theory]
    [InlineData(1, "weights of the input")]
    [InlineData(2, "recurrent weights")]
    [InlineData(3, "biases")]
    [InlineData(5, "first state")]
    [InlineData(6, "first cell")]
    [InlineData(7, "peepholes")]
    public void An_input_of_another_shape_is_refused_by_its_name(int index, string what)
    {
        var (op, gates) = Layer("LSTM");
        Tensor?[] given = [.. Inputs(gates, hasCell: true), Numbers.Normal([2, 3 * Hidden])];
        int[] longer = [.. given[index]!.Shape];
        longer[1]++;
        given[index] = Numbers.Normal(TensorShape.Of(longer));
        Assert.Contains(what, Assert.Throws<ShapeMismatchException>(() => Tensor.Apply(op, given)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lengths_that_are_no_steps_of_the_sequence_are_refused()
    {
        var (op, gates) = Layer("GRU");
        foreach (var lengths in new int[][] { [1, 2, 5], [1, -1, 2], [1, 2] })
        {
            Tensor?[] given = [.. Inputs(gates, hasCell: false)[..4], Tensor.From(lengths)];
            Assert.Contains("sequence lengths", Assert.Throws<ShapeMismatchException>(() => Tensor.Apply(op, given)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Activations_that_are_unknown_too_many_or_without_their_numbers_are_refused()
    {
        foreach (var (op, words) in new (RNN, string)[]
        {
            (new() { Activations = ["Tanh"] }, "needs 2 activations"),
            (new() { Activations = ["Tanh", "Cosine"] }, "'Cosine' is no activation"),
            (new() { Activations = ["Tanh", "ScaledTanh"] }, "state activation_alpha"),
            (new() { ActivationAlpha = [1] }, "1 activation_alpha and 0 activation_beta are left over"),
        })
            Assert.Contains(words, Assert.Throws<AnnealException>(() => Tensor.Apply(op with { Direction = "bidirectional" }, Inputs(1, hasCell: false))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Activations_are_known_however_they_are_spelt()
    {
        var given = Inputs(1, hasCell: false);
        var expected = Tensor.Apply(new RNN { Direction = "bidirectional", Activations = ["Relu", "Sigmoid"] }, given).ToArray<float>();
        Assert.Equal(expected, Tensor.Apply(new RNN { Direction = "bidirectional", Activations = ["relu", "SIGMOID"] }, given).ToArray<float>());
    }

    private static (RecurrentLayer Op, int Gates) Layer(string name) => name switch
    {
        "RNN" => (new RNN { Direction = "bidirectional" }, 1),
        "GRU" => (new GRU { Direction = "bidirectional" }, 3),
        _ => (new LSTM { Direction = "bidirectional" }, 4),
    };

    private static Tensor?[] Inputs(int gates, bool hasCell)
    {
        Tensor?[] given =
        [
            Numbers.Normal([Steps, Batch, Width]), Numbers.Normal([2, gates * Hidden, Width]), Numbers.Normal([2, gates * Hidden, Hidden]),
            Numbers.Normal([2, 2 * gates * Hidden]), Tensor.From(2, 4, 1), Numbers.Normal([2, Batch, Hidden]),
        ];
        return hasCell ? [.. given, Numbers.Normal([2, Batch, Hidden])] : given;
    }

    private static Tensor? Turned(Tensor? x) => x?.Transpose(1, 0, 2);
}
