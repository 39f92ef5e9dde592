using System.Text.Json;

namespace Anneal.Zoo.Tests.Catalogue;

/// <summary>Every entry of models.json: complete, consistent, and equal to the recorded facts.</summary>
public sealed class BuiltInCatalogueTests
{
    private static readonly IReadOnlyList<ModelCard> Cards = ModelCatalog.Default.Cards;

    public static TheoryData<string> Every => [.. Cards.Select(card => card.Name)];

    public static TheoryData<string> EveryToFetch => [.. Cards.Where(card => card.File is { IsEmbedded: false }).Select(card => card.Name)];

    [Fact]
    public void The_catalogue_obeys_its_schema()
    {
        Assert.Null(CatalogueSchema.Complaint(File.ReadAllText(Path.Combine(TestData.Checkout, "models.json"))));
    }

    [Fact]
    public void The_models_that_were_promised_are_there()
    {
        string[] promised =
        [
            "alexnet", "vgg16", "vgg16-bn", "vgg19", "vgg19-bn", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
            "resnet18-v2", "resnet34-v2", "resnet50-v2", "resnet101-v2", "resnet152-v2", "squeezenet1.0", "squeezenet1.1", "mobilenetv2",
            "shufflenetv2", "densenet121", "googlenet", "inception-v1", "inception-v2", "efficientnet-lite4", "zfnet512", "caffenet", "mnist",
            "alexnet-int8", "vgg16-int8", "resnet50-int8", "mobilenetv2-int8",
            "tv-alexnet", "tv-vgg16", "tv-resnet18", "tv-resnet50", "tv-resnet101", "tv-resnet152",
            "cifar10", "cifar10-half", "imagenet-torchvision", "imagenet-caffe",
        ];

        Assert.All(promised, name => Assert.Equal(name, ModelCatalog.Default.Get(name).Name));
    }

    [Fact]
    public void No_two_entries_have_the_same_file()
    {
        var shared = Cards.Where(card => card.File is not null).GroupBy(card => card.File!.Sha256).Where(group => group.Count() > 1);

        Assert.Empty(shared.Select(group => string.Join(", ", group.Select(card => card.Name))));
    }

    [Theory, MemberData(nameof(EveryToFetch))]
    public void Every_file_to_fetch_has_several_safe_sources_and_known_terms(string name)
    {
        var card = ModelCatalog.Default.Get(name);

        Assert.True(card.File!.Sources.Count >= 2);
        Assert.All(card.File.Sources, source => Assert.Equal("https", source.Scheme));
        Assert.NotNull(card.Opset);
        Assert.NotNull(card.Input);
        Assert.NotNull(card.Licence);
        Assert.Equal(name.StartsWith("tv-", StringComparison.Ordinal) ? WeightsStatus.Unverified : WeightsStatus.Published, card.Weights);
    }

    [Theory, MemberData(nameof(Every))]
    public void Every_fact_says_how_sure_it_is_and_nothing_else_does(string name)
    {
        var card = ModelCatalog.Default.Get(name);
        string[] facts =
        [
            .. card.File is null ? [] : new[] { "file", "sources", "weights" },
            .. card.Opset is null ? [] : new[] { "opset" },
            .. card.Input is null ? [] : new[] { "input" },
            .. card.Output is null ? [] : new[] { "output" },
            "outputKind", "preprocessing",
            .. card.Labels is null ? [] : new[] { "labels" },
            .. card.Accuracy.Count == 0 ? [] : new[] { "accuracy" },
            .. card.Licence is null ? [] : new[] { "licence" },
        ];

        Assert.Equal(facts.Order(), card.Evidence.Keys.Order());
    }

    [Theory, MemberData(nameof(Every))]
    public void Every_entry_has_labels_as_many_as_its_classes(string name)
    {
        var card = ModelCatalog.Default.Get(name);
        var labels = card.LoadLabels();

        Assert.NotNull(labels);
        if (card.Output is { } output)
            Assert.Equal(output.Classes, labels.Count);
    }

    [Theory, MemberData(nameof(Every))]
    public void Every_preprocessing_makes_the_size_that_the_input_wants(string name)
    {
        var card = ModelCatalog.Default.Get(name);
        if (card.Input is not { } input)
            return;
        var steps = card.Preprocessing;
        var (height, width) = steps.Crop is { } crop ? (crop.Height, crop.Width) : (steps.Resize!.Height, steps.Resize.Width);
        var channels = steps.Color is ColorOrder.Gray ? 1 : 3;

        Assert.Equal(steps.Layout is TensorLayout.Nchw ? [channels, height, width] : new long[] { height, width, channels }, input.Shape.Skip(1));
    }

    [Fact]
    public void Every_fact_of_a_validated_file_is_the_recorded_one()
    {
        using var facts = JsonDocument.Parse(File.ReadAllText(TestData.Require("models-catalogue.json")));
        var byFile = facts.RootElement.EnumerateArray().ToDictionary(row => row.GetProperty("file").GetString()!);
        foreach (var card in Cards.Where(card => card is { Weights: WeightsStatus.Published, File.IsEmbedded: false }))
        {
            var row = byFile[Path.GetFileName(card.File!.Sources[0].AbsolutePath)];

            Assert.Equal(row.GetProperty("sha").GetString(), card.File.Sha256);
            Assert.Equal(row.GetProperty("size").GetInt64(), card.File.SizeBytes);
            Assert.Equal(row.GetProperty("opset").GetInt32(), card.Opset);
            Assert.Equal(Tensor(row.GetProperty("ins")), Tensor(card.Input));
            Assert.Equal(Tensor(row.GetProperty("outs")), Tensor(card.Output));
            Assert.Equal(Accuracies(row.GetProperty("acc")), card.Accuracy.SelectMany(accuracy => new[] { accuracy.Top1, accuracy.Top5 }).OfType<double>());
            Assert.Contains(card.File.Sources, source => source.AbsoluteUri.EndsWith("legacy_models/resolve/main/" + row.GetProperty("path").GetString(), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Every_fact_of_a_torchvision_export_is_the_recorded_one()
    {
        using var facts = JsonDocument.Parse(File.ReadAllText(TestData.Require("torch-exports.json")));
        var bySha = facts.RootElement.EnumerateArray().ToDictionary(row => row.GetProperty("path").GetString()!);
        foreach (var card in Cards.Where(card => card.Weights is WeightsStatus.Unverified))
        {
            var mirror = Assert.Single(card.File!.Sources, source => source.AbsolutePath.Contains("/legacy_models/", StringComparison.Ordinal));
            var row = bySha[mirror.AbsolutePath.Split("/resolve/main/")[1]];

            Assert.Equal(row.GetProperty("sha").GetString(), card.File.Sha256);
            Assert.Equal(row.GetProperty("size").GetInt64(), card.File.SizeBytes);
            Assert.Contains($"_Opset{card.Opset}_torch_hub", mirror.AbsolutePath);
        }
    }

    private static string? Tensor(JsonElement list) => list.GetArrayLength() == 0 ? null
        : $"{list[0].GetProperty("name").GetString()} {string.Join('x', list[0].GetProperty("shape").EnumerateArray().Select(extent => extent.ValueKind is JsonValueKind.Number ? extent.GetInt64() : -1))}";

    private static string? Tensor(CardTensor? tensor) => tensor is null ? null : $"{tensor.Name} {string.Join('x', tensor.Shape)}";

    /// <summary>"66.35 (err 33.65)" is 66.35; an empty text is no figure.</summary>
    private static IEnumerable<double> Accuracies(JsonElement texts) => texts.EnumerateArray()
        .Select(text => text.GetString()!.Split(' ')[0]).Where(text => text.Length > 0).Select(text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture));
}
