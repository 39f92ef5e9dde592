using Anneal.Training.Nn;

namespace Anneal.Training.Tests.Nn;

/// <summary>
/// A modular network (Andreas et al. 2016, "Neural Module Networks"): each question about a picture picks the modules that answer it. A picture has
/// an upright bar and a lying one; a question names one of them and asks whether it is on the left, or whether it is above.
/// </summary>
public sealed class ModularNetworkTests(ITestOutputHelper output)
{
    private const int Side = 6;

    [Fact]
    public void It_learns_to_answer_questions_about_pictures()
    {
        var model = new ModularNet(new Generator(1));
        var steps = new AdamSteps(model, 0.03);
        var loss = double.NaN;
        for (var step = 0; step < 150; step++)
        {
            var samples = Sample.Many(new Draws(5).At(step), 12);
            loss = steps.Descend(() => model.Loss(samples));
        }
        using var off = Grad.Off();
        var unseen = Sample.Many(new Draws(6), 100);
        var right = unseen.Count(sample => model.Forward(sample).ToArray<float>() is var scores && (scores[1] > scores[0]) == sample.Answer);
        output.WriteLine($"loss {loss:F4}, {right} of {unseen.Length} right");
        Assert.InRange(right, 90, 100);
    }

    [Fact]
    public void Its_gradient_is_that_of_a_difference_quotient_and_only_the_modules_that_were_asked_have_one()
    {
        var model = new ModularNet(new Generator(2));
        Sample[] samples = [.. Sample.Many(new Draws(7), 20).Where(sample => sample.Find == 0).Take(4)];
        Assert.InRange(ModuleGradient.Error(model, () => model.Loss(samples, isDouble: true)), 0, 1e-6);
        Assert.Equal(["find.1.weight", "find.1.bias"], model.NamedParameters().Where(named => named.Parameter.Grad is null).Select(named => named.Name));
    }

    private sealed class ModularNet : ModuleBase
    {
        private readonly Conv2d _look;
        private readonly ModuleList<Conv2d> _find;
        private readonly ModuleList<Sequential> _ask;

        public ModularNet(Generator generator)
        {
            _look = Register("look", new Conv2d(1, 8, 3, padding: 1, generator: generator));
            _find = Register("find", new ModuleList<Conv2d>(new Conv2d(8, 1, 1, generator: generator), new Conv2d(8, 1, 1, generator: generator)));
            _ask = Register("ask", new ModuleList<Sequential>(
                new Sequential(new Flatten(), new Softmax(1), new Linear(Side * Side, 2, generator: generator)),
                new Sequential(new Flatten(), new Softmax(1), new Linear(Side * Side, 2, generator: generator))));
        }

        /// <summary>The scores of no and yes [1,2].</summary>
        public Tensor Forward(Sample sample, bool isDouble = false)
        {
            var picture = Tensor.From(sample.Picture, [1, 1, Side, Side]);
            var seen = _look.Forward(isDouble ? picture.To(Onnx.DType.Double) : picture).Tanh();
            var place = _find[sample.Find].Forward(seen);
            return _ask[sample.Ask].Forward(place);
        }

        public Tensor Loss(Sample[] samples, bool isDouble = false) => Training.Nn.Loss.CrossEntropy(
            Tensor.Concat(0, [.. samples.Select(sample => Forward(sample, isDouble))]), Tensor.From(Array.ConvertAll(samples, sample => sample.Answer ? 1L : 0)));
    }

    /// <summary>A picture, which bar to find (0 upright, 1 lying), what to ask (0 left, 1 above), and the answer.</summary>
    private sealed record Sample(float[] Picture, int Find, int Ask, bool Answer)
    {
        public static Sample[] Many(Draws draws, int count) => [.. Enumerable.Range(0, count).Select(i => One(draws.At(i)))];

        private static Sample One(Draws draws)
        {
            var picture = new float[Side * Side];
            // Three cells each; the middle one says where a bar is.
            (int Row, int Column)[] middles = [(1 + draws.Below(Side - 2, 0), draws.Below(Side, 1)), (draws.Below(Side, 2), 1 + draws.Below(Side - 2, 3))];
            for (var cell = -1; cell <= 1; cell++)
            {
                picture[((middles[0].Row + cell) * Side) + middles[0].Column] = 1;
                picture[(middles[1].Row * Side) + middles[1].Column + cell] = 1;
            }
            var (find, ask) = (draws.Below(2, 4), draws.Below(2, 5));
            return new(picture, find, ask, ask == 0 ? middles[find].Column < Side / 2 : middles[find].Row < Side / 2);
        }
    }
}
