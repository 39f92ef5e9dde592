namespace Anneal.Training.Data;

/// <summary>How a sample becomes a model's input: numbers written straight into the sample's place in the batch. Any thread may call, several at once.</summary>
/// <typeparam name="T">The sample.</typeparam>
public interface ISampleEncoder<in T>
{
    /// <summary>The shape of one input, without the batch: [C,H,W].</summary>
    TensorShape Shape { get; }

    /// <summary>Writes the input.</summary>
    /// <param name="sample">The sample, which may be changed, but must not be kept.</param>
    /// <param name="slot">The sample's place in the batch: as many numbers as <see cref="Shape"/> counts, all of which are to be written.</param>
    /// <param name="draws">The random numbers of this sample in this epoch.</param>
    /// <returns>The class.</returns>
    long Encode(T sample, Span<float> slot, Draws draws);
}
