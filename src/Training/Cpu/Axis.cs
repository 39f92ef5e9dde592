namespace Anneal.Training.Cpu;

/// <summary>An axis of a loop over two sides: its extent, and the step that it means on either side.</summary>
internal readonly struct Axis(int extent, int stepA, int stepB)
{
    public readonly int Extent = extent;
    public readonly int StepA = stepA;
    public readonly int StepB = stepB;
}
