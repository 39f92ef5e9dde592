namespace Anneal.Zoo.Tests.Catalogue;

public sealed class LabelsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("imagenet-1000", 1000, 0, "tench, Tinca tinca", "n01440764")]
    [InlineData("imagenet-1000", 1000, 999, "toilet tissue, toilet paper, bathroom tissue", "n15075141")]
    [InlineData("cifar10", 10, 9, "truck", null)]
    [InlineData("mnist", 10, 7, "7", null)]
    public void The_sets_that_ship_have_their_classes_in_order(string name, int count, int index, string text, string? id)
    {
        var labels = Labels.Get(name);

        Assert.Equal(count, labels.Count);
        Assert.Equal(count, labels.Distinct().Count() + (name == "imagenet-1000" ? 1 : 0)); // the bird and the machine are both a crane
        Assert.Equal(text, labels[index]);
        Assert.Equal(id, labels.Id(index));
        Assert.Contains(name, Labels.Names);
    }

    [Fact]
    public void The_names_made_from_WordNet_are_the_ones_in_public_use()
    {
        Assert.Equal(Labels.FromFile(TestData.Require("labels", "synset.txt")), Labels.Get("imagenet-1000"));
    }

    [Fact]
    public void The_label_map_of_EfficientNet_Lite4_names_the_same_classes()
    {
        Assert.Equal(Labels.FromFile(TestData.Require("labels", "efficientnet-lite4-labels_map.txt")), Labels.Get("imagenet-1000"));
    }

    [Theory]
    [InlineData("red\nblue\n")]
    [InlineData("red\r\nblue")]
    [InlineData("\uFEFFred\nblue\n\n")]
    [InlineData("n00000001 red\nn00000002\tblue\n")]
    [InlineData("{\"0\": \"red\", \"1\": \"blue\"}")]
    [InlineData("{\"1\": \"blue\", \"0\": \"red\",}")]
    [InlineData("[\"red\", \"blue\"]")]
    public void Label_files_of_every_form_are_read(string text)
    {
        Assert.Equal(["red", "blue"], Labels.FromFile(Write(text)));
    }

    [Fact]
    public void A_line_that_only_sometimes_begins_with_an_id_is_all_text()
    {
        var labels = Labels.FromFile(Write("n00000001 red\nblue"));

        Assert.Equal("n00000001 red", labels[0]);
        Assert.Null(labels.Id(0));
    }

    [Theory]
    [InlineData("", "holds no labels.")]
    [InlineData("{}", "holds no labels.")]
    [InlineData("red\n\nblue", ", line 2: expected the text of class 1, found an empty line, which would shift all classes after it.")]
    [InlineData("{\"0\": \"red\", \"2\": \"blue\"}", ": expected the classes 0 to 1 without a gap, found no class 1.")]
    [InlineData("{\"0\": \"red\", \"00\": \"blue\"}", ": expected each class once, found class 0 twice.")]
    [InlineData("{\"zero\": \"red\"}", ": expected class numbers from 0 as the names of the members, found \"zero\".")]
    [InlineData("{\"0\": 7}", ": expected the text of class 0, found 7.")]
    [InlineData("[\"red\", null]", ": expected the text of class 1, found null.")]
    [InlineData("{0: 'red'}", ", line 1: this begins like JSON and is none.")]
    public void A_label_file_that_would_mislead_is_refused(string text, string message)
    {
        var path = Write(text);

        var error = Assert.Throws<InvalidCatalogException>(() => Labels.FromFile(path));

        Assert.StartsWith(path, error.Message);
        Assert.Contains(message, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_or_no_text_and_a_set_that_does_not_ship_are_told()
    {
        var binary = _folder["binary.txt"];
        File.WriteAllBytes(binary, [0x61, 0xFF, 0xFE, 0x62]);

        Assert.Equal($"There is no label file at {_folder["none.txt"]}.", Assert.Throws<InvalidCatalogException>(() => Labels.FromFile(_folder["none.txt"])).Message);
        Assert.StartsWith($"{binary} is no UTF-8 text", Assert.Throws<InvalidCatalogException>(() => Labels.FromFile(binary)).Message);
        Assert.Equal("No label set 'coco' ships with the zoo; there are imagenet-1000, cifar10, mnist.", Assert.Throws<InvalidCatalogException>(() => Labels.Get("coco")).Message);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-1)]
    public void A_class_beyond_the_labels_is_told(int index)
    {
        Assert.Equal($"The labels 'mnist' have 10 classes, so there is none of index {index}; the model's classes are not these.",
            Assert.Throws<InvalidCatalogException>(() => Labels.Get("mnist")[index]).Message);
    }

    private string Write(string text)
    {
        File.WriteAllText(_folder["labels.txt"], text);
        return _folder["labels.txt"];
    }
}
