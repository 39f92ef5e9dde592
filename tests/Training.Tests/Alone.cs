namespace Anneal.Training.Tests;

/// <summary>Tests that read figures of the whole process, or set how many threads it has, run one after the other and nothing beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone
{
    /// <summary>Gives what nobody can reach any more back, so that figures do not fall while they are measured.</summary>
    public static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
