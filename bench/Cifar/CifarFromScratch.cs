using System.Globalization;
using System.Text.Json;

namespace Anneal.Bench.Cifar;

/// <summary>
/// Trains a small network from scratch on part of CIFAR-10, by a fixed recipe that another framework can follow, once for each seed:
/// <c>cifar [--data FOLDER] [--seeds 0,1,2] [--epochs 8]</c>. A line for each epoch, then JSON.
/// </summary>
internal static class CifarFromScratch
{
    public static int Run(string[] args)
    {
        var options = CifarOptions.Parse(args);
        var results = options.Seeds.Select(seed => new CifarTraining(options, seed).Run()).ToArray();
        foreach (var result in results)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {result.Seed}: test accuracy {result.Accuracy:P1}"));
        Console.WriteLine(Json(options, results));
        return 0;
    }

    private static string Json(CifarOptions options, CifarResult[] results) => JsonSerializer.Serialize(new
    {
        epochs = options.Epochs,
        runs = results.Select(result => new { seed = result.Seed, accuracy = result.Accuracy, secondsPerEpoch = Math.Round(result.SecondsPerEpoch, 2) }),
        meanAccuracy = Math.Round(results.Average(result => result.Accuracy), 4),
    });
}
