using Anneal.Onnx;

namespace Anneal.Zoo.Tests.Catalogue;

public sealed class ModelCatalogTests
{
    [Theory]
    [InlineData("alexnet", "bvlcalexnet-12")]
    [InlineData("vgg16", "vgg16-12")]
    [InlineData("resnet101", "resnet101-v1-7")]
    [InlineData("squeezenet1.1", "squeezenet1.1-7")]
    [InlineData("mnist", "mnist-12")]
    public void A_short_name_and_the_exact_files_name_mean_the_same_entry(string name, string file)
    {
        var card = ModelCatalog.Default.Get(name);

        Assert.Same(card, ModelCatalog.Default.Get(file));
        Assert.EndsWith($"/{file}.onnx", card.File!.Sources[0].AbsolutePath);
        Assert.Equal("the built-in catalogue", card.Origin);
    }

    [Fact]
    public void Names_are_found_in_any_case()
    {
        Assert.Equal("resnet101", ModelCatalog.Default.Get("ResNet101").Name);
    }

    [Theory]
    [InlineData("resnet102", "'resnet101'")]
    [InlineData("res_net-101", "'resnet101'")]
    [InlineData("squeezenet11", "'squeezenet1.1'")]
    [InlineData("alexnett", "'alexnet'")]
    [InlineData("mobilnetv2", "'mobilenetv2'")]
    public void A_wrong_name_is_answered_with_the_nearest(string wrong, string nearest)
    {
        var error = Assert.Throws<AnnealException>(() => ModelCatalog.Default.Get(wrong));

        Assert.StartsWith($"There is no model '{wrong}' in the built-in catalogue. Did you mean {nearest}", error.Message);
    }

    [Theory]
    [InlineData("vgg-extra-large", "Of the same family: vgg16, vgg16-7,")]
    [InlineData("ResNet2000", "Of the same family: resnet18, resnet34,")]
    [InlineData("transformer", "such as alexnet,")]
    public void A_name_with_nothing_near_is_answered_with_its_family_or_examples(string wrong, string help)
    {
        Assert.Contains(help, Assert.Throws<AnnealException>(() => ModelCatalog.Default.Get(wrong)).Message);
    }
}
