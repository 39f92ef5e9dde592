namespace Anneal.Zoo.Tests.Catalogue;

/// <summary>Every kind of mistake in a catalogue gets one sentence: file, line, entry, member, what was expected, what was found.</summary>
public sealed class BrokenCatalogueTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A place in <see cref="CatalogueFiles.Card"/>, what it is changed to, and how the message goes on after file, line and entry.</summary>
    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "\"opset\"", "\"opsett\"", "line 14, entry 'mine', member 'opsett': expected one of the members name, aliases, summary, file, opset," },
        { "\"crop\": { \"height\": 32,", "\"crop\": { \"hight\": 32,", "line 22, entry 'mine', member 'preprocessing.crop.hight': expected one of the members height, width, found this unknown one." },
        { "\"summary\": \"A network of my own\",", "", "line 5, entry 'mine', member 'summary': expected a text, found nothing: this member is missing." },
        { "\"sizeBytes\": 42,", "", "line 9, entry 'mine', member 'file.sizeBytes': expected a whole number, found nothing: this member is missing." },
        { "\"layout\": \"nchw\"", "\"Layout\": \"nchw\"", "line 26, entry 'mine', member 'preprocessing.Layout': expected one of the members color," },
        { "\"opset\": 17", "\"opset\": \"17\"", "line 14, entry 'mine', member 'opset': expected a whole number, found \"17\"." },
        { "\"opset\": 17", "\"opset\": 17.5", "line 14, entry 'mine', member 'opset': expected a whole number, found 17.5." },
        { "\"opset\": 17", "\"opset\": null", "line 14, entry 'mine', member 'opset': expected a whole number, found null (leave the member out instead)." },
        { "\"opset\": 17", "\"opset\": 0", "line 14, entry 'mine', member 'opset': expected a version from 1, found 0." },
        { "\"sizeBytes\": 42", "\"sizeBytes\": 0", "line 11, entry 'mine', member 'file.sizeBytes': expected the file's length, above zero, found 0." },
        { "\"sizeBytes\": 42", "\"sizeBytes\": 99999999999999999999", "line 11, entry 'mine', member 'file.sizeBytes': expected a whole number, found 99999999999999999999." },
        { "0123456789abcdef\",", "0123456789abcde\",", "line 10, entry 'mine', member 'file.sha256': expected 64 lower-case hexadecimal digits, found \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\" (63 characters)." },
        { "0123456789abcdef\",", "0123456789ABCDEF\",", "line 10, entry 'mine', member 'file.sha256': expected 64 lower-case hexadecimal digits, found" },
        { "https://example.org/mine.onnx", "ftp://example.org/mine.onnx", "line 12, entry 'mine', member 'file.sources[0]': expected an address that begins with https:, http: or file:" },
        { "https://example.org/mine.onnx", "example.org/mine.onnx", "line 12, entry 'mine', member 'file.sources[0]': expected an address that begins with https:, http: or file:" },
        { "https://example.org/mine.onnx", "/models/mine.onnx", "line 12, entry 'mine', member 'file.sources[0]': expected an address that begins with https:, http: or file:" },
        { "https://example.org/mine.onnx", "https://", "line 12, entry 'mine', member 'file.sources[0]': expected an address in quotes, found \"https://\"." },
        { "https://example.org/mine.onnx\", \"file:mine.onnx", "https://example.org/mine.onnx\", \"https://example.org/mine.onnx", "line 12, entry 'mine', member 'file.sources': expected each address once, found one of them twice." },
        { "[\"https://example.org/mine.onnx\", \"file:mine.onnx\"]", "[]", "line 12, entry 'mine', member 'file.sources': expected at least one address, found none." },
        { "[\"https://example.org/mine.onnx\", \"file:mine.onnx\"]", "\"https://example.org/mine.onnx\"", "line 12, entry 'mine', member 'file.sources': expected a list, found \"https://example.org/mine.onnx\"." },
        { "\"name\": \"mine\"", "\"name\": \"My Net\"", "line 6, entry 'My Net', member 'name': expected lower-case letters, digits, dots and dashes" },
        { "\"name\": \"mine\",", "", "line 5, entry number 1, member 'name': expected a text, found nothing: this member is missing." },
        { "\"A network of my own\"", "\"  \"", "line 8, entry 'mine', member 'summary': expected a text, found \"  \"." },
        { "[\"mine-1\"]", "[\"mine\"]", "line 5, entry 'mine': expected names that no other entry has, found \"mine\", which entry 'mine' has already." },
        { "\"rgb\"", "\"RGB\"", "line 19, entry 'mine', member 'preprocessing.color': expected one of \"rgb\", \"bgr\", \"gray\", found \"RGB\"." },
        { "\"shorter-side\"", "\"shorterSide\"", "line 21, entry 'mine', member 'preprocessing.resize.mode': expected one of \"shorter-side\", \"stretch\", found \"shorterSide\"." },
        { "[0.5, 0.5, 0.5]", "[0.5]", "line 24, entry 'mine', member 'preprocessing.mean': expected 3 numbers, one for each channel of rgb, found 1." },
        { "[0.25, 0.25, 0.25]", "[0.25, 0.25, 0.25, 1]", "line 25, entry 'mine', member 'preprocessing.std': expected 3 numbers, one for each channel of rgb, found 4." },
        { "[0.25, 0.25, 0.25]", "[0.25, 0, 0.25]", "line 25, entry 'mine', member 'preprocessing.std': expected numbers above zero, found [0.25, 0, 0.25]." },
        { "[0.25, 0.25, 0.25]", "[0.25, \"a\", 0.25]", "line 25, entry 'mine', member 'preprocessing.std[1]': expected a number, found \"a\"." },
        { "\"divide\": 255", "\"divide\": 0", "line 23, entry 'mine', member 'preprocessing.divide': expected a number above zero, found 0." },
        { "\"crop\": { \"height\": 32, \"width\": 32 },", "", "line 18, entry 'mine', member 'preprocessing.crop': expected a size, because the mode \"shorter-side\" leaves pictures of different shapes, found nothing" },
        { "\"crop\": { \"height\": 32, \"width\": 32 }", "\"crop\": { \"height\": 33, \"width\": 32 }", "line 22, entry 'mine', member 'preprocessing.crop': expected no more than the resize leaves, 32x32, found 33x32." },
        { "\"height\": 32, \"width\": 32, \"filter\"", "\"height\": 32, \"width\": 64, \"filter\"", "line 21, entry 'mine', member 'preprocessing.resize': expected the same height and width" },
        { "\"height\": 32, \"width\": 32, \"filter\"", "\"height\": 0, \"width\": 0, \"filter\"", "line 21, entry 'mine', member 'preprocessing.resize': expected sides of 1 to 65535 pixels, found 0x0." },
        { "[-1, 3, 32, 32]", "[-1, 3, 224, 224]", "line 15, entry 'mine', member 'input.shape': expected [-1, 3, 32, 32], which preprocessing makes (-1 fits anything), found [-1, 3, 224, 224]." },
        { "[-1, 3, 32, 32]", "[-1, 32, 32, 3]", "line 15, entry 'mine', member 'input.shape': expected [-1, 3, 32, 32], which preprocessing makes" },
        { "[-1, 3, 32, 32]", "[3, 32, 32]", "line 15, entry 'mine', member 'input.shape': expected four extents, as the layout has, found [3, 32, 32]." },
        { "[-1, 10]", "[-2, 10]", "line 16, entry 'mine', member 'output.shape': expected extents above zero, or -1 for an open one, found [-2, 10]." },
        { "[-1, 10]", "[10]", "line 16, entry 'mine', member 'output.shape': expected [N,classes], or more axes of extent 1 after them, found [10]." },
        { "\"cifar10\"", "\"no-such-file.txt\"", "line 28, entry 'mine', member 'labels': expected a label set that ships with the zoo (imagenet-1000, cifar10, mnist) or a file, found \"no-such-file.txt\", and there is no file " },
        { "\"labels\": \"cifar10\"", "\"classNames\": []", "line 28, entry 'mine', member 'classNames': expected at least one name, found none." },
        { "\"labels\": \"cifar10\"", "\"labels\": \"cifar10\", \"classNames\": [\"a\"]", "line 28, entry 'mine', member 'classNames': expected no such member beside 'labels', found both." },
        { "\"top1\": 90.5", "\"top1\": 905", "line 29, entry 'mine', member 'accuracy[0].top1': expected a percentage above 0, at most 100, found 905." },
        { "\"top5\": 99", "\"top5\": 9", "line 29, entry 'mine', member 'accuracy[0].top5': expected a percentage from top1 to 100, found 9." },
        { "\"weights\": \"published\",", "", "line 5, entry 'mine', member 'weights': expected \"published\" or \"unverified\" for a card with a file, found nothing: this member is missing." },
        { "\"evidence\": { \"weights\"", "\"evidence\": { \"colour\"", "line 32, entry 'mine', member 'evidence.colour': expected one of the facts file, sources," },
        { "\"confidence\": \"stated\"", "\"confidence\": \"certain\"", "line 32, entry 'mine', member 'evidence.weights.confidence': expected one of \"stated\", \"observed\", \"assumed\", found \"certain\"." },
    };

    /// <summary>Mistakes in texts that the schema's library cannot even read.</summary>
    public static TheoryData<string, string, string> UnreadableMistakes => new()
    {
        { "\"opset\": 17", "\"opset\": 17, \"opset\": 18", "line 14, entry 'mine', member 'opset': expected it once, found it twice in the same object." },
        { "\"divide\": 255", "\"divide\": 1e99", "line 23, entry 'mine', member 'preprocessing.divide': expected a number, found 1e99." },
    };

    /// <summary>What a schema cannot say: a comparison of two members, names across entries, a file that must exist.</summary>
    private static readonly string[] BeyondTheSchema =
        ["resize leaves", "same height and width", "which preprocessing makes", "no other entry has", "label set", "from top1", "found 99999999999999999999"];

    [Theory, MemberData(nameof(Mistakes)), MemberData(nameof(UnreadableMistakes))]
    public void A_mistake_is_told_with_its_place(string place, string change, string message)
    {
        var path = _folder["mine.json"];
        File.WriteAllText(path, CatalogueFiles.Catalogue(CatalogueFiles.Card.With(place, change)));

        var error = Assert.Throws<InvalidCatalogException>(() => ModelCatalog.Load(path));

        Assert.StartsWith($"{path}, {message}", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory, MemberData(nameof(Mistakes))]
    public void The_schema_sees_the_same_mistakes(string place, string change, string message)
    {
        var complaint = CatalogueSchema.Complaint(CatalogueFiles.Catalogue(CatalogueFiles.Card.With(place, change)));

        Assert.Equal(BeyondTheSchema.Any(message.Contains), complaint is null);
    }

    [Fact]
    public void The_unbroken_card_obeys_the_schema()
    {
        Assert.Null(CatalogueSchema.Complaint(CatalogueFiles.Catalogue(CatalogueFiles.Card)));
    }

    [Theory]
    [InlineData("", "line 1, byte 1: this is no JSON.")]
    [InlineData("{ \"models\": [ {] }", "line 1, byte 16: this is no JSON.")]
    [InlineData("{ \"models\":\n [", "line 2, byte 3: this is no JSON.")]
    [InlineData("[]", "expected an object, found a list.")]
    [InlineData("{}", "member 'models': expected a list, found nothing: this member is missing.")]
    [InlineData("{ \"models\": {} }", "member 'models': expected a list, found an object.")]
    [InlineData("{ \"models\": [ 1 ] }", "entry number 1: expected an object, found 1.")]
    [InlineData("{ \"modles\": [] }", "member 'modles': expected one of the members models, found this unknown one.")]
    public void What_is_no_catalogue_at_all_is_told(string json, string message)
    {
        var error = Assert.Throws<InvalidCatalogException>(() => CatalogueFiles.Parse(json));

        Assert.StartsWith("test.json", error.Message);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_told()
    {
        var error = Assert.Throws<InvalidCatalogException>(() => ModelCatalog.Parse(new MemoryStream([0x7B, 0xFF, 0x7D]), "test.json"));

        Assert.Equal("test.json is no UTF-8 text; a catalogue is JSON in UTF-8.", error.Message);
    }

    [Fact]
    public void Two_entries_of_one_name_are_told_with_the_second_ones_line()
    {
        var error = Assert.Throws<InvalidCatalogException>(() => CatalogueFiles.Parse(CatalogueFiles.Catalogue(Plain("a"), Plain("b"), Plain("a"))));

        Assert.Equal("test.json, line 7, entry 'a': expected names that no other entry has, found \"a\", which entry 'a' has already.", error.Message);
    }

    [Fact]
    public void A_relative_source_in_a_catalogue_without_a_folder_is_told()
    {
        var error = Assert.Throws<InvalidCatalogException>(() => CatalogueFiles.Parse(CatalogueFiles.Catalogue(CatalogueFiles.Card)));

        Assert.Equal("test.json, line 12, entry 'mine', member 'file.sources[1]': expected an absolute address or path, since this catalogue was not read from a folder, found \"file:mine.onnx\".", error.Message);
    }

    [Fact]
    public void A_card_given_as_a_catalogue_and_the_other_way_round_are_told()
    {
        var card = _folder["card.json"];
        File.WriteAllText(card, Plain("a"));
        var catalogue = _folder["catalogue.json"];
        File.WriteAllText(catalogue, CatalogueFiles.Catalogue(Plain("a")));

        Assert.StartsWith($"{card} holds one card; expected a catalogue", Assert.Throws<InvalidCatalogException>(() => ModelCatalog.Load(card)).Message);
        Assert.StartsWith($"{catalogue} holds a catalogue", Assert.Throws<InvalidCatalogException>(() => ModelCard.Load(catalogue)).Message);
    }

    [Fact]
    public void A_file_that_is_not_there_and_a_folder_are_told()
    {
        Assert.Equal($"There is no catalogue at {_folder["none.json"]}.", Assert.Throws<InvalidCatalogException>(() => ModelCatalog.Load(_folder["none.json"])).Message);
        Assert.Equal($"There is no card at {_folder["none.json"]}.", Assert.Throws<InvalidCatalogException>(() => ModelCard.Load(_folder["none.json"])).Message);
        Assert.StartsWith($"{_folder.Path} is a folder", Assert.Throws<InvalidCatalogException>(() => ModelCatalog.Load(_folder.Path)).Message);
    }

    private static string Plain(string name) =>
        $$"""{ "name": "{{name}}", "summary": "s", "outputKind": "logits", "preprocessing": { "color": "rgb", "orientation": "ignore", "divide": 1, "layout": "nchw" } }""";
}
