namespace Anneal.Runtime.Conformance;

/// <summary>
/// One case of ONNX's backend tests: a folder with <c>model.onnx</c> and folders <c>test_data_set_N</c> of <c>input_M.pb</c> and <c>output_M.pb</c>.
/// </summary>
/// <param name="Name">The case's folder, and before it the suite's where several suites were asked for: <c>node/test_abs</c>.</param>
/// <param name="Folder">The full path of the case's folder.</param>
internal sealed record ConformanceCase(string Name, string Folder)
{
    private const string ModelFile = "model.onnx";

    /// <summary>The path of the model.</summary>
    public string Model => Path.Combine(Folder, ModelFile);

    /// <summary>
    /// The absolute tolerance: 1e-7 as ONNX's runner has it, with one exception. Where an inverse transform gives 0, its vectors hold what a transform in
    /// float32 left over: up to 2e-7 beside numbers up to 50.
    /// </summary>
    public double Absolute => Path.GetFileName(Folder).StartsWith("test_dft_inverse", StringComparison.Ordinal) ? 1e-6 : 1e-7;

    /// <summary>The folders of its data sets, in their order.</summary>
    public IReadOnlyList<string> DataSets => [.. Directory.GetDirectories(Folder, "test_data_set_*").Order(StringComparer.Ordinal)];

    /// <summary>The cases of a folder, by name: the folder is a case itself, a suite of cases, or holds suites.</summary>
    public static IReadOnlyList<ConformanceCase> Find(string folder)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return IsCase(full) ? [new(Path.GetFileName(full), full)] : [.. Directory.GetDirectories(full).Order(StringComparer.Ordinal).SelectMany(CasesIn)];
    }

    /// <summary>The model's vectors of one kind in a data set: <c>input_0.pb</c>, <c>input_1.pb</c> …</summary>
    public static IReadOnlyList<string> Vectors(string dataSet, string kind) =>
        [.. Enumerable.Range(0, int.MaxValue).Select(i => Path.Combine(dataSet, $"{kind}_{i}.pb")).TakeWhile(File.Exists)];

    private static IEnumerable<ConformanceCase> CasesIn(string folder)
    {
        var name = Path.GetFileName(folder);
        return IsCase(folder)
            ? [new(name, folder)]
            : Directory.GetDirectories(folder).Where(IsCase).Order(StringComparer.Ordinal).Select(inner => new ConformanceCase($"{name}/{Path.GetFileName(inner)}", inner));
    }

    private static bool IsCase(string folder) => File.Exists(Path.Combine(folder, ModelFile));
}
