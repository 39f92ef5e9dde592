using Anneal.Onnx;

namespace Anneal.Training.Tests;

/// <summary>What goes beyond a single operator: hooks, pieces computed twice, functions of one's own, the NaN finder, recordings.</summary>
public sealed class AutogradTests
{
    private static readonly Function Cube = Function.Of("Cube", x => x * x * x, (x, y, dy) => dy * 3 * x * x);

    [Fact]
    public void A_hook_sees_the_whole_gradient_once_and_may_replace_it()
    {
        var x = Leaf(1, 2);
        var seen = new List<double[]>();
        using var hook = x.RegisterHook(dy =>
        {
            seen.Add(dy.ToArray<double>());
            return dy * 10;
        });
        ((x * 3) + (x * x)).Sum().Backward();
        Assert.Equal([[5.0, 7]], seen);
        Assert.Equal([50.0, 70], x.Grad!.ToArray<double>());
    }

    [Fact]
    public void A_hook_inside_a_network_changes_what_flows_on()
    {
        var x = Leaf(1, 2);
        var middle = x * x;
        middle.RegisterHook(dy => dy.ZerosLike() + 1);
        (middle * 5).Sum().Backward();
        Assert.Equal([2.0, 4], x.Grad!.ToArray<double>());
    }

    [Fact]
    public void A_hook_that_was_taken_away_is_not_called()
    {
        var x = Leaf(3);
        x.RegisterHook(_ => throw new InvalidOperationException("called")).Dispose();
        (x * x).Backward();
        Assert.Equal(6, x.Grad!.Item());
    }

    [Fact]
    public void A_hook_adds_to_the_gradient_of_the_pass_only()
    {
        var x = Leaf(3);
        (x * x).Backward();
        using var hook = x.RegisterHook(dy => dy * 2);
        (x * x).Backward();
        Assert.Equal(18, x.Grad!.Item());
    }

    [Fact]
    public void A_hook_of_another_shape_or_without_use_is_refused()
    {
        var x = Leaf(3, 4);
        Assert.Contains("no gradient", Assert.Throws<AnnealException>(() => x.Detach().RegisterHook(dy => dy)).Message, StringComparison.Ordinal);
        x.RegisterHook(dy => dy.Sum());
        Assert.Contains("hook", Assert.Throws<ShapeMismatchException>(() => (x * x).Sum().Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_of_ones_own_has_its_own_gradient()
    {
        var x = Leaf(2, -3);
        (Cube.Apply(x) * 2).Sum().Backward();
        Assert.Equal([24.0, 54], x.Grad!.ToArray<double>());
        using var off = Grad.Off();
        Assert.False(Cube.Apply(x).RequiresGrad);
    }

    [Fact]
    public void A_function_may_have_several_inputs_and_outputs()
    {
        var turn = new Function("Turn", x => [x[0] + x[1], x[0] - x[1]], call => [call.Dy[0] + call.Dy[1], call.Dy[0] - call.Dy[1]]);
        var (a, b) = (Leaf(2), Leaf(5));
        var y = turn.ApplyAll(a, b);
        ((y[0] * 3) + (y[1] * 7)).Backward();
        Assert.Equal((10, -4), (a.Grad!.Item(), b.Grad!.Item()));
        Assert.Contains("Turn", Assert.Throws<AnnealException>(() => turn.Apply(a, b)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_that_hands_its_input_through_keeps_both_apart()
    {
        var straight = Function.Of("Straight", x => x, (x, y, dy) => dy * 4);
        var x = Leaf(2);
        (straight.Apply(x) * x).Backward();
        Assert.Equal((2 * 4) + 2, x.Grad!.Item());
    }

    [Fact]
    public void A_function_with_a_wrong_gradient_is_refused_by_name()
    {
        var x = Leaf(1, 2);
        var wrong = Function.Of("Wrong", x => x * 2, (x, y, dy) => dy.Sum());
        Assert.Contains("'Wrong'", Assert.Throws<ShapeMismatchException>(() => wrong.Apply(x).Sum().Backward()).Message, StringComparison.Ordinal);
        var few = new Function("Few", x => [x[0] * x[1]], call => [call.Dy[0]]);
        Assert.Contains("1 tensors for 2 inputs", Assert.Throws<AnnealException>(() => few.Apply(x, x * 1).Sum().Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_piece_that_is_computed_again_has_the_same_gradients()
    {
        var weight = new Parameter(Tensor.From(0.5, -1.5, 2));
        Tensor Piece(Tensor x) => ((x * weight).Tanh() * x).Exp();
        var (plain, again) = (Leaf(1, 2, 3), Leaf(1, 2, 3));
        Piece(plain * 2).Sum().Backward();
        var expected = weight.Grad!.ToArray<double>();
        weight.ZeroGrad();
        Grad.Recompute(Piece, again * 2).Sum().Backward();
        Assert.Equal(expected, weight.Grad!.ToArray<double>());
        Assert.Equal(plain.Grad!.ToArray<double>(), again.Grad!.ToArray<double>());
    }

    [Fact]
    public void A_piece_that_is_computed_again_draws_the_same_numbers_and_has_its_effects_once()
    {
        var generator = new Generator(3);
        var state = new StateTensor(Tensor.From(0.0, 0, 0, 0));
        var masks = new List<double[]>();
        Tensor Piece(Tensor x)
        {
            var mask = generator.Uniform([4], dtype: DType.Double);
            masks.Add(mask.ToArray<double>());
            state.Assign(mask);
            return x * mask;
        }
        var x = Leaf(1, 2, 3, 4);
        Grad.Recompute(inner => Grad.Recompute(Piece, inner) * 1, x).Sum().Backward();
        Assert.Equal(3, masks.Count);
        Assert.Equal(masks[0], masks[1]);
        Assert.Equal(masks[0], masks[2]);
        Assert.Equal(masks[0], state.ToArray<double>());
        Assert.Equal((1, 1L), (state.Version, generator.Position));
        Assert.Equal(masks[0], x.Grad!.ToArray<double>());
    }

    [Fact]
    public void A_piece_whose_parameter_has_changed_is_refused()
    {
        var weight = new Parameter(Tensor.From(2.0));
        var y = Grad.Recompute(x => x * weight, Leaf(3));
        weight.Assign(Tensor.From(4.0));
        Assert.Contains("changed", Assert.Throws<AnnealException>(() => y.Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_operator_that_makes_a_NaN_is_named()
    {
        var x = Leaf(1, 0, -1);
        x.Name = "x";
        var error = Assert.Throws<AnnealException>(() =>
        {
            using var finder = Grad.FindNaN();
            _ = ((x + 0) * 2).Log().Exp();
        });
        Assert.Contains("Log made a NaN: output 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("between -2 and 2", error.Message, StringComparison.Ordinal);
        Assert.True(double.IsNaN(x.Log().ToArray<double>()[2]));
    }

    [Fact]
    public void A_NaN_of_the_backward_pass_is_named_with_its_entry()
    {
        var x = Leaf(0);
        var error = Assert.Throws<AnnealException>(() =>
        {
            using var finder = Grad.FindNaN();
            ((x * 0.0).Sqrt() * 0.0).Backward();
        });
        Assert.Contains("In the backward pass of Sqrt", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_NaN_that_comes_in_is_not_laid_at_the_operators_door()
    {
        using var finder = Grad.FindNaN();
        var error = Assert.Throws<AnnealException>(() => Leaf(1, double.NaN) * 2);
        Assert.Contains("input 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("holds a NaN already at element 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_holds_operators_and_effects_in_order()
    {
        var state = new StateTensor(Tensor.From(1.0, 2));
        using var recording = Recording.Begin();
        using (Grad.Off())
        {
            var y = state * 2;
            state.Assign(y);
            _ = y.Exp();
        }
        Assert.Equal(["Mul", "effect", "Exp"], recording.Entries.Select(entry => entry is AppliedOp applied ? applied.Op.Name : "effect"));
        Assert.Equal([state], recording.Mutables);
    }

    private static Tensor Leaf(params double[] elements)
    {
        var leaf = elements.Length == 1 ? Tensor.Scalar(elements[0]) : Tensor.From(elements);
        leaf.RequiresGrad = true;
        return leaf;
    }
}
