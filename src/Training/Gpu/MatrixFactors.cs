using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>Matrices one after another, whose neighbours in depth are neighbours in memory.</summary>
internal readonly struct AlongDepth<T>(ArrayView<T> elements, int batchStep, int outerStep, int depthStep) : IFactor<T> where T : unmanaged
{
    public static bool RunsAlongDepth => true;

    public Place Outer(int batch, int index) => new(0, 0, 0, (batch * batchStep) + (index * outerStep));

    public Place Depth(int batch, int index) => new(0, 0, 0, index * depthStep);

    public T Load(Place outer, Place depth) => elements[outer.Offset + depth.Offset];
}

/// <summary>Matrices one after another, whose neighbouring rows or columns are neighbours in memory.</summary>
internal readonly struct AcrossDepth<T>(ArrayView<T> elements, int batchStep, int outerStep, int depthStep) : IFactor<T> where T : unmanaged
{
    public static bool RunsAlongDepth => false;

    public Place Outer(int batch, int index) => new(0, 0, 0, (batch * batchStep) + (index * outerStep));

    public Place Depth(int batch, int index) => new(0, 0, 0, index * depthStep);

    public T Load(Place outer, Place depth) => elements[outer.Offset + depth.Offset];
}

/// <summary>Row-major matrices one after another.</summary>
internal readonly struct Matrices<T>(ArrayView<T> elements, int m, int n) : IProduct<T> where T : unmanaged
{
    public void Store(int batch, int row, int column, T value) => elements[(((batch * m) + row) * n) + column] = value;
}
