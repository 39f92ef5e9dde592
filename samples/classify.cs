#!/usr/bin/env dotnet
#:project ../src/Zoo/Zoo.csproj
#:package Microsoft.ML.OnnxRuntime

// What is on these pictures?   dotnet run samples/classify.cs -- squeezenet1.1 photo.jpg photos/*.jpg
// A file instead of a name takes a card with it, a known one or a file: net.onnx+imagenet-torchvision, net.onnx+my-card.json

using Anneal.Zoo;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: dotnet run samples/classify.cs -- MODEL[+CARD] PICTURE...");
    return 2;
}

var zoo = new ModelZoo();
var words = args[0].Split('+');
var card = words.Length == 1 ? null : File.Exists(words[1]) ? ModelCard.Load(words[1]) : zoo.Catalog.Get(words[1]);
using var classifier = await zoo.LoadAsync(words[0], new LoadOptions { Card = card });

var failed = 0;
await foreach (var answer in classifier.ClassifyAsync(args.Skip(1), new ClassifyOptions { Top = 3 }))
{
    failed += answer.Error is null ? 0 : 1;
    Console.WriteLine(answer.Error ?? $"{answer.File}: {string.Join(", ", answer.Predictions.Select(p => $"{p.Label ?? $"class {p.Index}"} {p.Probability:P0}"))}");
}
return failed == 0 ? 0 : 1;
