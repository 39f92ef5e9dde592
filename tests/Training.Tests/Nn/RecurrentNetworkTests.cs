using Anneal.Training.Nn;

namespace Anneal.Training.Tests.Nn;

/// <summary>A recurrent network: it reads a text letter by letter and says the next one, until it knows the text by heart.</summary>
public sealed class RecurrentNetworkTests(ITestOutputHelper output)
{
    private const string Text = "the cat sat on the mat, the rat sat.";

    private static readonly char[] Letters = [.. Text.Distinct().Order()];

    [Fact]
    public void It_learns_a_text_and_recites_it()
    {
        var model = new CharModel(new Generator(1));
        var steps = new AdamSteps(model, 0.02);
        var loss = double.NaN;
        for (var step = 0; step < 50; step++)
            loss = steps.Descend(() => model.Loss(Text));
        output.WriteLine($"loss {loss:F4}");
        Assert.InRange(loss, 0, 0.2);
        Assert.Equal(Text, model.Recite(Text[0], Text.Length));
    }

    [Fact]
    public void Its_gradient_is_that_of_a_difference_quotient()
    {
        var model = new CharModel(new Generator(2));
        Assert.InRange(ModuleGradient.Error(model, () => model.Loss(Text[..7])), 0, 1e-6);
    }

    private sealed class CharModel : ModuleBase
    {
        private readonly Embedding _letters;
        private readonly GruCell _cell;
        private readonly Linear _next;

        public CharModel(Generator generator)
        {
            _letters = Register("letters", new Embedding(Letters.Length, 12, generator: generator));
            _cell = Register("cell", new GruCell(12, 40, generator: generator));
            _next = Register("next", new Linear(40, Letters.Length, generator: generator));
        }

        /// <summary>The scores of the next letter [1,letters], and the state after this one.</summary>
        public (Tensor Scores, Tensor State) Forward(char letter, Tensor? state)
        {
            state = _cell.Forward(_letters.Forward(Tensor.From((long)Array.IndexOf(Letters, letter))), state);
            return (_next.Forward(state), state);
        }

        public Tensor Loss(string text)
        {
            var (scores, state) = (new List<Tensor>(), (Tensor?)null);
            foreach (var letter in text[..^1])
            {
                (var next, state) = Forward(letter, state);
                scores.Add(next);
            }
            return Training.Nn.Loss.CrossEntropy(Tensor.Concat(0, [.. scores]), Tensor.From([.. text.Skip(1).Select(letter => (long)Array.IndexOf(Letters, letter))]));
        }

        public string Recite(char first, int length)
        {
            using var off = Grad.Off();
            var (text, state) = ($"{first}", (Tensor?)null);
            while (text.Length < length)
            {
                (var scores, state) = Forward(text[^1], state);
                var numbers = scores.ToArray<float>();
                text += Letters[Array.IndexOf(numbers, numbers.Max())];
            }
            return text;
        }
    }
}
