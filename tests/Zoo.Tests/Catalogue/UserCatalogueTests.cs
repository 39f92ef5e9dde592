namespace Anneal.Zoo.Tests.Catalogue;

/// <summary>Catalogues and cards that a user writes: read, and laid over the built-in one.</summary>
public sealed class UserCatalogueTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_catalogue_file_with_comments_and_trailing_commas_is_read_whole()
    {
        var path = Write("mine.json", CatalogueFiles.Catalogue(CatalogueFiles.Card));

        var card = Assert.Single(ModelCatalog.Load(path).Cards);

        Assert.Equal("mine", card.Name);
        Assert.Equal(["mine-1"], card.Aliases);
        Assert.Equal(path, card.Origin);
        Assert.Equal(42, card.File!.SizeBytes);
        Assert.Equal(17, card.Opset);
        Assert.Equal([-1, 3, 32, 32], card.Input!.Shape);
        Assert.Equal(OutputKind.Logits, card.OutputKind);
        Assert.Equal(ResizeMode.ShorterSide, card.Preprocessing.Resize!.Mode);
        Assert.Equal([0.25f, 0.25f, 0.25f], card.Preprocessing.Std);
        Assert.Equal(new Accuracy("mine", 90.5, "me", 99), Assert.Single(card.Accuracy));
        Assert.Equal(new Evidence(Confidence.Stated, "I trained it."), card.Evidence["weights"]);
        Assert.Equal("cat", card.LoadLabels()![3]);
    }

    [Fact]
    public void Sources_and_labels_are_relative_to_the_catalogues_own_folder()
    {
        Write("names.txt", string.Join('\n', Enumerable.Range(0, 10).Select(i => $"class {i}")));
        var json = CatalogueFiles.Catalogue(CatalogueFiles.Card.With("\"cifar10\"", "\"names.txt\"").With("file:mine.onnx", "file:sub/my%20net.onnx"));

        var card = ModelCatalog.Load(Write("mine.json", json)).Get("mine");

        Assert.Equal(_folder["sub", "my net.onnx"], card.File!.Sources[1].LocalPath);
        Assert.Equal(_folder["names.txt"], card.Labels);
        Assert.Equal("class 3", card.LoadLabels()![3]);
    }

    [Fact]
    public void One_card_in_a_file_of_its_own_is_read()
    {
        var card = ModelCard.Load(Write("card.json", CatalogueFiles.Card));

        Assert.Equal("mine", card.Name);
        Assert.Equal(_folder["card.json"], card.Origin);
    }

    [Fact]
    public void A_card_may_begin_with_a_byte_order_mark_and_name_its_schema()
    {
        var json = "\uFEFF" + CatalogueFiles.Card.With("\"name\": \"mine\"", "\"$schema\": \"models.schema.json#/$defs/card\", \"name\": \"mine\"");

        Assert.Equal("mine", ModelCard.Load(Write("card.json", json)).Name);
    }

    [Fact]
    public void A_card_without_a_file_needs_only_what_a_convention_says()
    {
        const string json = """
            { "name": "plain", "summary": "Bytes as they are", "outputKind": "probabilities",
              "preprocessing": { "color": "gray", "orientation": "ignore", "divide": 1, "layout": "nhwc" } }
            """;

        var card = ModelCard.Load(Write("plain.json", json));

        Assert.Null(card.File);
        Assert.Null(card.Weights);
        Assert.Null(card.LoadLabels());
        Assert.Empty(card.Aliases);
        Assert.Empty(card.Accuracy);
        Assert.Empty(card.Evidence);
    }

    [Fact]
    public void Labels_that_are_not_as_many_as_the_classes_are_refused()
    {
        var card = CatalogueFiles.Parse(CatalogueFiles.Catalogue(CatalogueFiles.Card.With(", \"file:mine.onnx\"", "").With("[-1, 10]", "[-1, 11]"))).Get("mine");

        var error = Assert.Throws<InvalidCatalogException>(card.LoadLabels);

        Assert.Equal("The card 'mine' (test.json) states 11 classes for output 'y', but its labels 'cifar10' have 10.", error.Message);
    }

    [Fact]
    public void An_overlaid_entry_takes_the_place_of_its_name_as_a_whole()
    {
        var mine = Renamed("resnet101", "mine-1");

        var both = ModelCatalog.Default.Overlay(mine);

        Assert.Equal(ModelCatalog.Default.Cards.Select(card => card.Name), both.Cards.Select(card => card.Name));
        Assert.Same(mine.Cards[0], both.Get("resnet101"));
        Assert.Equal("test.json", both.Get("resnet101").Origin);
        Assert.Equal("the built-in catalogue", both.Get("resnet50").Origin);
        Assert.False(both.TryGet("resnet101-v1-7", out _));
        Assert.Equal("test.json, over the built-in catalogue", both.Origin);
    }

    [Fact]
    public void A_new_entry_comes_last_and_takes_every_name_it_claims()
    {
        var both = ModelCatalog.Default.Overlay(Renamed("mine", "bvlcalexnet-12\", \"resnet101"));

        Assert.Equal("mine", both.Cards[^1].Name);
        Assert.Equal("mine", both.Get("resnet101").Name);
        Assert.Equal("mine", both.Get("bvlcalexnet-12").Name);
        Assert.Equal(["bvlcalexnet"], both.Get("alexnet").Aliases);
        Assert.Equal(ModelCatalog.Default.Cards.Count, both.Cards.Count);
    }

    private static ModelCatalog Renamed(string name, string alias) => CatalogueFiles.Parse(CatalogueFiles.Catalogue(
        CatalogueFiles.Card.With("\"name\": \"mine\"", $"\"name\": \"{name}\"").With("\"mine-1\"", $"\"{alias}\"").With(", \"file:mine.onnx\"", "")));

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }
}
