using Anneal.Onnx;
using Anneal.Training.Nn;

namespace Anneal.Training.Tests.Nn;

/// <summary>What all modules share: names, modes, freezing, state.</summary>
public sealed class ModuleTests
{
    private static readonly string[] NetNames =
        ["scale", "features.0.weight", "features.0.bias", "features.1.weight", "features.1.bias", "head.weight", "head.bias"];

    [Fact]
    public void Names_are_joined_by_dots_as_in_PyTorch()
    {
        var net = new Net();
        Assert.Equal(NetNames, net.NamedParameters().Select(named => named.Name));
        Assert.Equal(["features.1.running_mean", "features.1.running_var", "features.1.num_batches_tracked"], net.NamedBuffers().Select(named => named.Name));
        Assert.Equal(["", "features", "features.0", "features.1", "features.2", "head"], net.NamedModules().Select(named => named.Name));
        Assert.Equal("Conv2d 'features.0'", net.Modules().ElementAt(2).Title);
        Assert.Equal("Net: 68 parameters", net.ToString());
    }

    [Fact]
    public void A_module_in_two_places_comes_once()
    {
        var shared = new Linear(4, 4);
        var net = new Sequential(shared, new Relu(), shared);
        Assert.Equal(["0.weight", "0.bias"], net.NamedParameters().Select(named => named.Name));
        net.Forward(Tensor.Ones([2, 4])).Sum().Backward();
        Assert.NotNull(shared.Weight.Grad);
    }

    [Fact]
    public void A_parameter_that_was_made_and_not_registered_is_said_at_the_first_forward()
    {
        var forgetful = new Forgetful(new Linear(4, 2), new(Tensor.Ones([2])));
        var error = Assert.Throws<AnnealException>(() => forgetful.Forward(Tensor.Ones([1, 4])));
        Assert.StartsWith("Forgetful uses the parameter 'scale' Float32 [2] and does not hold it", error.Message, StringComparison.Ordinal);
        using (Grad.Off())
            Assert.Equal(2, forgetful.Forward(Tensor.Ones([1, 4])).Count);
    }

    [Fact]
    public void What_a_tensor_came_from_before_it_was_given_to_a_module_is_not_the_module_s()
    {
        var (backbone, head) = (new Linear(4, 3), new Linear(3, 2));
        head.Forward(backbone.Forward(Tensor.Ones([1, 4]))).Sum().Backward();
        Assert.NotNull(backbone.Weight.Grad);
    }

    [Fact]
    public void Modes_reach_every_part()
    {
        var net = new Net();
        Assert.All(net.Modules(), module => Assert.True(module.IsTraining));
        net.Eval();
        Assert.All(net.Modules(), module => Assert.False(module.IsTraining));
        net.Train();
        Assert.All(net.Modules(), module => Assert.True(module.IsTraining));
    }

    [Fact]
    public void Freezing_by_pattern_stops_gradients_and_says_how_many()
    {
        var net = new Net();
        net.Forward(Tensor.Ones([2, 1, 4, 4])).Sum().Backward();
        Assert.Equal(4, net.Freeze("features.*"));
        Assert.Equal(["scale", "head.weight", "head.bias"], net.NamedParameters().Where(named => named.Parameter.RequiresGrad).Select(named => named.Name));
        Assert.Null(net.NamedParameters().First(named => named.Name == "features.0.weight").Parameter.Grad);
        Assert.Equal(2, net.Unfreeze("features.?.weight"));
        var error = Assert.Throws<AnnealException>(() => net.Freeze("feature.0.*"));
        Assert.Equal("Net has no parameter whose name matches 'feature.0.*'. The nearest of its 7 names are features.0.weight, features.0.bias, features.1.weight, features.1.bias, head.weight.", error.Message);
    }

    [Fact]
    public void A_frozen_BatchNorm_uses_its_running_statistics_and_leaves_them()
    {
        var norm = new BatchNorm2d(2);
        var x = new Generator(1).Normal([3, 2, 4, 4], 5, 2);
        norm.Forward(x);
        var before = norm.GetState();
        norm.Freeze("*");
        var y = norm.Forward(x);
        Assert.Equal(before["running_mean"].ToArray<float>(), norm.RunningMean!.ToArray<float>());
        Assert.Equal(1, norm.NumBatchesTracked!.Item());
        norm.Eval();
        Assert.Equal(norm.Forward(x).ToArray<float>(), y.ToArray<float>());
    }

    [Fact]
    public void Without_a_momentum_the_running_mean_is_that_of_all_batches()
    {
        var norm = new BatchNorm1d(1, momentum: null);
        norm.Forward(Tensor.From([1f, 3], [2, 1]));
        norm.Forward(Tensor.From([5f, 9], [2, 1]));
        Assert.Equal(4.5, norm.RunningMean!.Item(), 1e-6);
        Assert.Equal(5, norm.RunningVar!.Item(), 1e-5);
    }

    [Fact]
    public void A_state_is_a_copy_that_can_be_put_back()
    {
        var net = new Net();
        var state = net.GetState();
        Assert.Equal(NetNames, state.Keys.Take(NetNames.Length));
        var weight = net.NamedParameters().Last().Parameter;
        weight.Assign(Tensor.Full(weight.Shape, 7));
        Assert.DoesNotContain(7f, state["head.bias"].ToArray<float>());
        net.SetState(state);
        Assert.Equal(state["head.bias"].ToArray<float>(), weight.ToArray<float>());
    }

    [Fact]
    public void A_state_of_another_network_is_refused_name_by_name_and_changes_nothing()
    {
        var net = new Net();
        var state = net.GetState().ToDictionary();
        state.Remove("scale");
        state["head.wait"] = state["head.weight"];
        state["head.bias"] = Tensor.Zeros([5]);
        state["features.0.bias"] = Tensor.Full([3], 9);
        var error = Assert.Throws<AnnealException>(() => net.SetState(state));
        Assert.Equal("Net cannot take this state: missing: scale; unknown: head.wait; of another type or shape: head.bias (Float32 [2] here, Float32 [5] given). Nothing was changed.", error.Message);
        Assert.DoesNotContain(9f, net.NamedParameters().First(named => named.Name == "features.0.bias").Parameter.ToArray<float>());
    }

    [Fact]
    public void A_network_in_double_computes_in_double()
    {
        var net = new Net();
        net.Forward(Tensor.Ones([2, 1, 4, 4])).Sum().Backward();
        net.To(DType.Double);
        Assert.All(net.Parameters(), parameter => Assert.Equal((DType.Double, null), (parameter.DType, parameter.Grad)));
        Assert.Equal(DType.Int64, net.NamedBuffers().Last().Buffer.DType);
        var y = net.Forward(Tensor.Ones([2, 1, 4, 4], DType.Double));
        y.Sum().Backward();
        Assert.Equal(DType.Double, net.Parameters().First().Grad!.DType);
        var error = Assert.Throws<AnnealException>(() => net.To(DType.Int32));
        Assert.Contains("cannot be converted to Int32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_say_what_they_take()
    {
        var net = new Net();
        var error = Assert.Throws<ShapeMismatchException>(() => net.Forward(Tensor.Ones([2, 3, 4, 4])));
        Assert.Equal("Conv2d 'features.0' takes x [N,C,H,W] with C = 1 channels; x has 3 ([2,3,4,4]).", error.Message);
        error = Assert.Throws<ShapeMismatchException>(() => new Linear(4, 2).Forward(Tensor.Ones([2, 3])));
        Assert.Equal("Linear takes x […,4]; [2,3] was given.", error.Message);
        error = Assert.Throws<ShapeMismatchException>(() => new BatchNorm1d(3).Forward(Tensor.Ones([1, 3])));
        Assert.StartsWith("BatchNorm1d cannot measure a variance: x [1,3] has no two values for each channel", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ShapeMismatchException>(() => new Embedding(3, 2).Forward(Tensor.Ones([2])));
        Assert.Contains("takes integers", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ShapeMismatchException>(() => new Gru(3, 2).Forward(Tensor.Ones([4, 1, 3]), Tensor.Ones([1, 2, 2])));
        Assert.Contains("[layers·D,N,H] = [1,1,2]; [1,2,2] was given", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_chain_passes_its_input_through()
    {
        var x = Tensor.Ones([2]);
        Assert.Same(x, new Sequential().Forward(x));
        Assert.Same(x, new Sequential(new Identity()).Forward(x));
    }

    [Fact]
    public void Parts_need_names_of_their_own()
    {
        Assert.Contains("already", Assert.Throws<AnnealException>(() => new Sequential(("a", new Relu()), ("a", new Relu()))).Message, StringComparison.Ordinal);
        Assert.Contains("no dot", Assert.Throws<AnnealException>(() => new Sequential(("a.b", new Relu()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dropout_drops_in_training_alone_and_whole_channels_where_it_says_so()
    {
        var layer = new Dropout(0.25, new Generator(3));
        var y = layer.Forward(Tensor.Ones([100, 100])).ToArray<float>();
        Assert.Equal([0f, 1 / 0.75f], y.Distinct().Order());
        Assert.InRange(y.Count(e => e == 0), 2500 - 217, 2500 + 217);
        layer.Eval();
        Assert.All(layer.Forward(Tensor.Ones([9])).ToArray<float>(), e => Assert.Equal(1, e));
        var channels = new Dropout2d(0.5, new Generator(3)).Forward(Tensor.Ones([8, 8, 3, 3])).ToArray<float>().Chunk(9).ToArray();
        Assert.All(channels, channel => Assert.Single(channel.Distinct()));
        Assert.Equal([0f, 2f], channels.Select(channel => channel[0]).Distinct().Order());
    }

    [Fact]
    public void A_recurrent_layer_drops_between_its_layers_in_training_alone()
    {
        var layer = new Gru(3, 4, numLayers: 2, dropout: 0.5, generator: new Generator(2));
        var x = new Generator(1).Normal([5, 2, 3]);
        Assert.NotEqual(layer.Forward(x).Y.ToArray<float>(), layer.Forward(x).Y.ToArray<float>());
        layer.Eval();
        Assert.Equal(layer.Forward(x).Y.ToArray<float>(), layer.Forward(x).Y.ToArray<float>());
    }

    [Fact]
    public void Flatten_joins_the_axes_that_it_names()
    {
        var x = Tensor.Ones([2, 3, 4, 5]);
        Assert.Equal([2, 60], new Flatten().Forward(x).Shape);
        Assert.Equal([6, 4, 5], new Flatten(0, 1).Forward(x).Shape);
        Assert.Equal([2, 3, 20], new Flatten(-2).Forward(x).Shape);
        Assert.Throws<ShapeMismatchException>(() => new Flatten(2).Forward(Tensor.Ones([2])));
    }

    private sealed class Net : Module
    {
        private readonly Parameter _scale;
        private readonly Sequential _features;
        private readonly Linear _head;

        public Net()
        {
            _features = Register("features", new Sequential(new Conv2d(1, 3, 3, padding: 1), new BatchNorm2d(3), new Relu()));
            _head = Register("head", new Linear(12, 2));
            _scale = Register("scale", new Parameter(Tensor.Ones([6])));
        }

        protected override Tensor Compute(Tensor x)
        {
            var pooled = new AdaptiveAvgPool2d(2).Forward(_features.Forward(x));
            return _head.Forward(pooled.Flatten()) * _scale.Sum();
        }
    }

    private sealed class Forgetful : Module
    {
        private readonly Linear _linear;
        private readonly Parameter _scale;

        public Forgetful(Linear linear, Parameter scale)
        {
            _linear = Register("linear", linear);
            _scale = scale;
            _scale.Name = "scale";
        }

        protected override Tensor Compute(Tensor x) => _linear.Forward(x) * _scale;
    }
}
