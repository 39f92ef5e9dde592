namespace Anneal.Training.Cpu;

/// <summary>Counts through the elements of a shape in row-major order and keeps the offset that they have in another stepping.</summary>
internal sealed class Odometer(TensorShape shape, int[] steps)
{
    private readonly int[] _at = new int[shape.Rank];

    /// <summary>The offset of the element at hand.</summary>
    public int Offset { get; private set; }

    /// <summary>Goes to the next element; from the last, to the first.</summary>
    public void Next()
    {
        for (var axis = _at.Length - 1; axis >= 0; axis--)
        {
            Offset += steps[axis];
            if (++_at[axis] < shape[axis])
                return;
            Offset -= steps[axis] * shape[axis];
            _at[axis] = 0;
        }
    }
}
