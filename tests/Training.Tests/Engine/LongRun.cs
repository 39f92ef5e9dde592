namespace Anneal.Training.Tests.Engine;

/// <summary>What takes minutes runs when <c>ANNEAL_ALL_PHOTOS</c> is 1.</summary>
internal static class LongRun
{
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("ANNEAL_ALL_PHOTOS") == "1";

    public static void Require(bool isLong) => Assert.SkipWhen(isLong && !IsOn, "It takes long: set ANNEAL_ALL_PHOTOS=1.");
}
