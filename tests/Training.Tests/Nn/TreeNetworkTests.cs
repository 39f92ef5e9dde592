using Anneal.Training.Nn;

namespace Anneal.Training.Tests.Nn;

/// <summary>
/// A recursive network over binary trees (Socher et al. 2011): leaves are numbers, a node adds or subtracts what its two branches come to, and the
/// network learns to say the result, each tree shaped otherwise.
/// </summary>
public sealed class TreeNetworkTests(ITestOutputHelper output)
{
    [Fact]
    public void It_learns_what_trees_come_to()
    {
        var generator = new Generator(3);
        var model = new TreeNet(generator);
        var steps = new AdamSteps(model, 0.01);
        for (var step = 0; step < 250; step++)
        {
            var trees = Enumerable.Range(0, 8).Select(_ => Tree.Random(generator.Next(), depth: 3)).ToArray();
            steps.Descend(() => model.Loss(trees));
        }
        using var off = Grad.Off();
        var unseen = Enumerable.Range(0, 50).Select(i => Tree.Random(new Draws(77).At(i), depth: 3)).ToArray();
        var (loss, spread) = (model.Loss(unseen).Item(), Variance(unseen));
        output.WriteLine($"loss {loss:F4}, variance {spread:F2}");
        Assert.InRange(loss, 0, 0.1 * spread);
    }

    [Fact]
    public void Its_gradient_is_that_of_a_difference_quotient_and_every_part_is_registered()
    {
        var model = new TreeNet(new Generator(4));
        var tree = Tree.Random(new Draws(5), depth: 4);
        model.RequireRegistered(model.Loss([tree]));
        Assert.InRange(ModuleGradient.Error(model, () => model.Loss([tree])), 0, 1e-6);
    }

    private static double Variance(Tree[] trees)
    {
        var mean = trees.Average(tree => tree.Value);
        return trees.Average(tree => Math.Pow(tree.Value - mean, 2));
    }

    private sealed class TreeNet : ModuleBase
    {
        private readonly Embedding _leaves;
        private readonly Linear _plus, _minus, _value;

        public TreeNet(Generator generator)
        {
            _leaves = Register("leaves", new Embedding(3, 16, generator: generator));
            _plus = Register("plus", new Linear(32, 16, generator: generator));
            _minus = Register("minus", new Linear(32, 16, generator: generator));
            _value = Register("value", new Linear(16, 1, generator: generator));
        }

        /// <summary>A vector [1,16] for a tree, made of those of its branches.</summary>
        public Tensor Forward(Tree tree)
        {
            if (tree.Left is null || tree.Right is null)
                return _leaves.Forward(Tensor.From((long)tree.Value + 1));
            var branches = Tensor.Concat(1, Forward(tree.Left), Forward(tree.Right));
            return (tree.IsSum ? _plus : _minus).Forward(branches).Tanh();
        }

        public Tensor Loss(Tree[] trees)
        {
            var values = _value.Forward(Tensor.Concat(0, [.. trees.Select(Forward)]));
            var target = Tensor.From(Array.ConvertAll(trees, tree => (double)tree.Value), [trees.Length, 1]);
            return Training.Nn.Loss.Mse(values, target.To(values.DType));
        }
    }

    /// <summary>A number from -1 to 1, or the sum or difference of two trees.</summary>
    private sealed record Tree(int Value, bool IsSum = true, Tree? Left = null, Tree? Right = null)
    {
        public static Tree Random(Draws draws, int depth)
        {
            if (depth == 0 || draws.For("leaf").Uniform() < 0.25)
                return new(draws.For("value").Below(3) - 1);
            var (left, right) = (Random(draws.At(0), depth - 1), Random(draws.At(1), depth - 1));
            var isSum = draws.For("sum").Uniform() < 0.5;
            return new(isSum ? left.Value + right.Value : left.Value - right.Value, isSum, left, right);
        }
    }
}
