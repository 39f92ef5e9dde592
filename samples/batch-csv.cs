#!/usr/bin/env dotnet
#:project ../src/Zoo/Zoo.csproj
#:package Microsoft.ML.OnnxRuntime

// What a model says of every picture in a folder, as a table that a spreadsheet opens.
//
//     dotnet run samples/batch-csv.cs -- MODEL[+CARD] FOLDER OUT.csv     such as squeezenet1.1, or net.onnx+imagenet-torchvision
//     dotnet run samples/batch-csv.cs                                    pictures and a model of its own making

using System.Globalization;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Runtime;
using Anneal.Zoo;
using Anneal.Zoo.Images;

if (args.Length is not (0 or 3))
{
    Console.Error.WriteLine("usage: dotnet run samples/batch-csv.cs -- MODEL[+CARD] FOLDER OUT.csv");
    return 2;
}

var (folder, output) = args is [_, var pictures, var file] ? (pictures, file) : DrawPictures();
using var classifier = args is [var model, _, _] ? await Load(model) : MainColour();

var (written, failed) = (0, 0);
using (var csv = new StreamWriter(output))
{
    csv.WriteLine("file,label,probability,second,second probability,error");
    var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
    await foreach (var answer in classifier.ClassifyAsync(files, new ClassifyOptions { Top = 2 }))
    {
        csv.WriteLine(string.Join(',', Cells(answer).Select(Quoted)));
        written++;
        failed += answer.Error is null ? 0 : 1;
    }
}
Console.WriteLine($"{written} pictures, {failed} of them unreadable: {output}\n");
foreach (var line in File.ReadLines(output).Take(8))
    Console.WriteLine($"  {line}");
return 0;

// A picture that cannot be read is a row with a reason, and the others go on.
static IEnumerable<string> Cells(Classification answer)
{
    yield return answer.File;
    for (var i = 0; i < 2; i++)
    {
        var prediction = answer.Predictions.ElementAtOrDefault(i);
        yield return prediction is null ? "" : prediction.Label ?? $"class {prediction.Index}";
        yield return prediction?.Probability.ToString("f4", CultureInfo.InvariantCulture) ?? "";
    }
    yield return answer.Error ?? "";
}

// RFC 4180: what holds a comma, a quote or a line break stands in quotes, and its quotes are doubled.
static string Quoted(string cell) => cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"")}\"" : cell;

static async Task<Classifier> Load(string name)
{
    var zoo = new ModelZoo();
    var words = name.Split('+');
    var card = words.Length == 1 ? null : File.Exists(words[1]) ? ModelCard.Load(words[1]) : zoo.Catalog.Get(words[1]);
    return await zoo.LoadAsync(words[0], new LoadOptions { Card = card });
}

// A classifier of three operators, written as a graph: the mean of each colour, times ten, and the largest wins.
static Classifier MainColour()
{
    var graph = new GraphBuilder("main-colour");
    var picture = graph.Input("picture", DType.Float32, new("N", 3, 32, 32));
    var means = graph.Apply(new Flatten(), graph.Apply(new GlobalAveragePool(), picture));
    graph.Output("scores", graph.Elementwise("Mul", means, graph.Scalar(10f)));
    return new Classifier(new OrtEngine().Open(ModelSource.FromModel(graph.Build())), new ModelCard
    {
        Name = "main-colour",
        Summary = "Whether a picture is more red, green or blue.",
        ClassNames = ["red", "green", "blue"],
        OutputKind = OutputKind.Logits,
        Preprocessing = new() { Color = ColorOrder.Rgb, Orientation = OrientationPolicy.Ignore, Divide = 255, Layout = TensorLayout.Nchw },
    });
}

// Eleven pictures of one colour each, brighter from the top down, and a file that is none.
static (string Folder, string Output) DrawPictures()
{
    var folder = Directory.CreateTempSubdirectory("batch-csv-").FullName;
    var random = new Random(1);
    for (var i = 0; i < 11; i++)
    {
        var (color, pixels) = (new[] { random.Next(256), random.Next(256), random.Next(256) }, new byte[3 * 32 * 32]);
        for (var k = 0; k < pixels.Length; k++)
            pixels[k] = (byte)(color[k % 3] * (k / 96) / 31);
        using var picture = Picture.FromPixels(32, 32, pixels);
        ImageFile.Save(picture, Path.Combine(folder, $"{i:D2}, #{color[0]:x2}{color[1]:x2}{color[2]:x2}.png"));
    }
    File.WriteAllText(Path.Combine(folder, "notes.txt"), "no picture");
    return (folder, Path.Combine(Path.GetTempPath(), "batch.csv"));
}
