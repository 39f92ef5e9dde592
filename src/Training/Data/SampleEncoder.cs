namespace Anneal.Training.Data;

/// <summary>Writes a sample's numbers into its place in the batch and gives its class.</summary>
/// <param name="sample">The sample.</param>
/// <param name="slot">The sample's place in the batch.</param>
public delegate long SampleWriter<in T>(T sample, Span<float> slot);

/// <summary>Encoders made of functions.</summary>
public static class SampleEncoder
{
    /// <summary>An encoder that draws nothing: <c>SampleEncoder.From&lt;Row&gt;([4], (row, slot) => { row.Values.CopyTo(slot); return row.Class; })</c>.</summary>
    /// <param name="shape">The shape of one input, without the batch.</param>
    /// <param name="write">Writes the numbers and gives the class; any thread may call it.</param>
    public static ISampleEncoder<T> From<T>(TensorShape shape, SampleWriter<T> write)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(write);
        return new FunctionEncoder<T>(shape, write);
    }

    private sealed class FunctionEncoder<T>(TensorShape shape, SampleWriter<T> write) : ISampleEncoder<T>
    {
        public TensorShape Shape => shape;

        public long Encode(T sample, Span<float> slot, Draws draws) => write(sample, slot);
    }
}
