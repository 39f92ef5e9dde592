using System.Security.Cryptography;
using System.Text;
using Anneal.Onnx;
using Anneal.Zoo.Tests.Metadata;

namespace Anneal.Zoo.Tests.Catalogue;

/// <summary>Catalogue entries whose file is inside an assembly: here, inside this test.</summary>
public sealed class EmbeddedModelTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly byte[] _model = OnnxFile.ToBytes(TinyNet.Described());

    public EmbeddedModelTests() => File.WriteAllBytes(_folder["photo.bmp"], ColourSession.Bitmap('g'));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_loads_without_a_network_and_without_writing_anything()
    {
        var zoo = Zoo(Card());
        Assert.True(zoo.Catalog.Get("inside").File!.IsEmbedded);
        using var classifier = zoo.Load("inside");
        Assert.Equal("blue", classifier.Classify(_folder["photo.bmp"])[0].Label);
        Assert.Null(zoo.Cache.Find(zoo.Catalog.Get("inside").File!));
        Assert.False(Directory.Exists(_folder["cache"]));
    }

    [Fact]
    public async Task Who_needs_a_path_gets_a_copy_and_a_bundle_takes_it_along()
    {
        var (zoo, token) = (Zoo(Card()), TestContext.Current.CancellationToken);
        var card = zoo.Catalog.Get("inside");
        var path = await zoo.Cache.GetAsync(card.File!, card.Name, token);
        Assert.Equal(_model, await File.ReadAllBytesAsync(path, token));
        Assert.Equal(path, await zoo.Cache.GetAsync(card.File!, card.Name, token));
        await zoo.Cache.CheckAsync(card.File!, card.Name, token);
        Assert.Empty(zoo.Cache.ListPartial());
        Assert.Empty(Directory.GetFileSystemEntries(_folder["cache", "partial"]));

        await ModelBundle.WriteAsync(zoo.Cache, [new(card.Name, card.File!, card.ToJson())], _folder["zoo.tar"], token);
        var other = new ModelCache(_folder["other"], new() { Offline = true });
        var imported = Assert.Single(await ModelBundle.ImportAsync(other, _folder["zoo.tar"], token));
        Assert.Equal(_model, await File.ReadAllBytesAsync(other.Find(imported.File)!, token));
    }

    [Fact]
    public void Bytes_that_the_card_does_not_stand_for_are_refused_with_both_digests()
    {
        var zoo = Zoo(Card().Replace(Digest, new string('0', 64), StringComparison.Ordinal));
        var error = Assert.Throws<ModelUnavailableException>(() => zoo.Load("inside"));
        Assert.Contains(new string('0', 64), error.Message, StringComparison.Ordinal);
        Assert.Contains(Digest, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("embedded:tiny.onnx", "embedded:other.onnx", "member 'file.sources[0]': expected the name of a file that is embedded, found \"embedded:other.onnx\".")]
    [InlineData("\"embedded:tiny.onnx\"", "\"embedded:tiny.onnx\", \"https://example.org/tiny.onnx\"", "member 'file.sources': expected no other address beside that of an embedded file, found 2.")]
    public void A_source_that_cannot_be_is_told_with_its_place(string place, string change, string message)
    {
        var error = Assert.Throws<InvalidCatalogException>(() => Catalog(Card().With(place, change)));
        Assert.StartsWith("test.json, line ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith($"entry 'inside', {message}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_catalogue_of_a_user_cannot_name_files_that_the_library_does_not_have()
    {
        File.WriteAllText(_folder["mine.json"], CatalogueFiles.Catalogue(Card()));
        var error = Assert.Throws<InvalidCatalogException>(() => ModelCatalog.Load(_folder["mine.json"]));
        Assert.Contains("expected the name of a file that is embedded", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_schema_knows_such_entries()
    {
        Assert.Null(CatalogueSchema.Complaint(CatalogueFiles.Catalogue(Card())));
        Assert.NotNull(CatalogueSchema.Complaint(CatalogueFiles.Catalogue(Card().With("\"embedded:tiny.onnx\"", "\"embedded:tiny.onnx\", \"https://example.org/tiny.onnx\""))));
    }

    [Fact]
    public void Every_embedded_file_of_the_built_in_catalogue_is_the_one_its_card_states()
    {
        foreach (var card in ModelCatalog.Default.Cards.Where(card => card.File is { IsEmbedded: true }))
        {
            using var classifier = Zoo(Card()).Load(card.Name);
            Assert.Equal(card.Name, classifier.Card.Name);
            Assert.InRange(card.File!.SizeBytes, 1, 500_000);
        }
    }

    private string Digest => Convert.ToHexStringLower(SHA256.HashData(_model));

    private string Card() => $$"""
        {
          "name": "inside", "summary": "Inside", "outputKind": "logits", "weights": "published",
          "file": { "sha256": "{{Digest}}", "sizeBytes": {{_model.Length}}, "sources": ["embedded:tiny.onnx"] },
          "preprocessing": { "color": "rgb", "orientation": "ignore", "crop": { "height": 2, "width": 2 }, "divide": 255, "layout": "nchw" },
          "classNames": ["red", "green", "blue"]
        }
        """;

    private ModelCatalog Catalog(string card) => ModelCatalog.Parse(
        new MemoryStream(Encoding.UTF8.GetBytes(CatalogueFiles.Catalogue(card))), "test.json", name => name == "tiny.onnx" ? new MemoryStream(_model) : null);

    private ModelZoo Zoo(string card) => new(new() { Catalog = ModelCatalog.Default.Overlay(Catalog(card)), CacheFolder = _folder["cache"], Download = new() { Offline = true } });
}
