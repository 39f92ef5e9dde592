namespace Anneal.Training.Nn;

/// <summary>The weights of one layer and direction: w [gates·H,I] for the input, r [gates·H,H] for the state, and a bias for each.</summary>
internal sealed class RecurrentWeights
{
    private readonly Parameter _input, _state;
    private readonly Parameter? _inputBias, _stateBias;

    /// <summary>Fresh weights, registered as <c>weight_ih</c>, <c>weight_hh</c>, <c>bias_ih</c>, <c>bias_hh</c> and a suffix.</summary>
    public RecurrentWeights(string suffix, RecurrentSizes sizes, bool bias, Generator? generator, Func<string, Parameter, Parameter> register)
    {
        var rows = sizes.Gates * sizes.Hidden;
        _input = Fresh("weight_ih", [rows, sizes.Input]);
        _state = Fresh("weight_hh", [rows, sizes.Hidden]);
        if (bias)
            (_inputBias, _stateBias) = (Fresh("bias_ih", [rows]), Fresh("bias_hh", [rows]));

        Parameter Fresh(string name, TensorShape shape) => register(name + suffix, new(Init.Usual(shape, sizes.Hidden, generator)));
    }

    /// <summary>The gates' products with inputs […,I].</summary>
    public Tensor OfInput(Tensor x) => new RecurrentProduct(_input.Transpose(1, 0), _inputBias).Times(x);

    /// <summary>What the state is multiplied by in every step.</summary>
    public RecurrentProduct ForSteps() => new(_state.Transpose(1, 0), _stateBias);
}

/// <summary>The extents of recurrent weights.</summary>
internal readonly record struct RecurrentSizes(int Input, int Hidden, int Gates);

/// <summary>A product with turned weights, and a bias.</summary>
internal readonly record struct RecurrentProduct(Tensor Weight, Tensor? Bias)
{
    public Tensor Times(Tensor x) => Bias is null ? x.MatMul(Weight) : x.MatMul(Weight) + Bias;
}
