using System.Security.Cryptography;
using Anneal.Onnx;

namespace Anneal.Zoo.Tests.Metadata;

/// <summary>A file that describes itself in the zoo: no card beside it, unless one is given.</summary>
public sealed class SelfDescribedFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string ModelPath => _folder["net.onnx"];

    private string PhotoPath => _folder["photo.bmp"];

    public SelfDescribedFileTests()
    {
        OnnxFile.Save(TinyNet.Described(), ModelPath);
        File.WriteAllBytes(PhotoPath, ColourSession.Bitmap('g'));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_loads_without_a_card_by_its_path_and_by_an_address(bool byAddress)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(ModelPath)));
        using var classifier = Zoo().Load(byAddress ? new Uri(ModelPath).AbsoluteUri : ModelPath, new() { Sha256 = byAddress ? sha256 : null });
        Assert.Equal("grün, nicht blau", classifier.Classify(PhotoPath)[0].Label);
        Assert.Equal(byAddress ? new Uri(ModelPath).ToString() : ModelPath, classifier.Labels!.Origin);
        Assert.Equal("tiny", classifier.Card.Name);
    }

    [Fact]
    public void A_card_that_is_given_wins_and_even_saves_a_file_whose_own_is_damaged()
    {
        var model = TinyNet.Described();
        model.Metadata["anneal.card"] = "{";
        OnnxFile.Save(model, ModelPath);
        var error = Assert.Throws<InvalidModelException>(() => Zoo().Load(ModelPath));
        Assert.StartsWith($"{ModelPath}, metadata 'anneal.card', line 1, byte 2: this is no JSON.", error.Message, StringComparison.Ordinal);
        using var classifier = Zoo().Load(ModelPath, new() { Card = TinyNet.Card with { Name = "given", ClassNames = ["a", "b", "c"] } });
        Assert.Equal(("given", "c"), (classifier.Card.Name, classifier.Classify(PhotoPath)[0].Label));
    }

    [Fact]
    public void A_file_with_names_alone_still_needs_a_card()
    {
        var model = TinyNet.Build();
        new ModelMetadata { ClassNames = ["a", "b", "c"] }.WriteTo(model);
        OnnxFile.Save(model, ModelPath);
        Assert.Contains("Give a card", Assert.Throws<AnnealException>(() => Zoo().Load(ModelPath)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_file_can_name_the_classes_itself()
    {
        File.WriteAllText(_folder["card.json"], TinyNet.Card.ToJson());
        var card = ModelCard.Load(_folder["card.json"]);
        Assert.Equal(TinyNet.Card.ClassNames, card.LoadLabels());
        Assert.Equal(_folder["card.json"], card.LoadLabels()!.Origin);
        Assert.Equal(TinyNet.Card.ToJson(), card.ToJson());
    }

    private ModelZoo Zoo() => new(new() { CacheFolder = _folder["cache"], Download = new() { Offline = true } });
}
