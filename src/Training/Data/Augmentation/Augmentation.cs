namespace Anneal.Training.Data;

/// <summary>
/// A random change that leaves a sample's class as it is. What is drawn and what is done with it are two things: the same parameters always give
/// the same result, on any machine.
/// </summary>
public abstract record Augmentation
{
    private protected Augmentation() { }
}
