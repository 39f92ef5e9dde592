using System.Globalization;

namespace Anneal.Bench.Cifar;

/// <summary>What was asked of <see cref="CifarFromScratch"/>.</summary>
/// <param name="Data">The folder that holds <c>train</c> and <c>test</c>, each with a folder of pictures for each class.</param>
/// <param name="Seeds">A training is made for each.</param>
/// <param name="Epochs">How often each training sees every picture.</param>
internal sealed record CifarOptions(string Data, IReadOnlyList<int> Seeds, int Epochs)
{
    private const string Variable = "ANNEAL_TEST_DATA";

    public static CifarOptions Parse(string[] args)
    {
        var seeds = ValueOf(args, "--seeds") ?? "0,1,2";
        return new(
            ValueOf(args, "--data") ?? FromVariable(),
            [.. seeds.Split(',').Select(seed => int.Parse(seed, CultureInfo.InvariantCulture))],
            int.Parse(ValueOf(args, "--epochs") ?? "8", CultureInfo.InvariantCulture));
    }

    private static string FromVariable() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } root
        ? Path.Combine(root, "datasets", "cifar10-subset")
        : throw new ArgumentException($"cifar needs pictures: --data FOLDER with the folders train and test, or ${Variable} with datasets/cifar10-subset in it.");

    private static string? ValueOf(string[] args, string name) => Array.IndexOf(args, name) is var at && at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
