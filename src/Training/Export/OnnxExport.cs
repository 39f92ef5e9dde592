using Anneal.Onnx;
using Anneal.Training.Nn;

namespace Anneal.Training.Export;

/// <summary>
/// Writes what was trained as a static ONNX graph that any runtime loads without our source. A model that came from a file goes back as that file:
/// nodes, names, operator set, metadata and the form of each tensor stay, and only initializers that have changed differ. A module is recorded, and
/// what is written are the operators that it applied.
/// </summary>
public static class OnnxExport
{
    /// <summary>The model that a module was made of, with the weights that it has now.</summary>
    /// <param name="module">The module.</param>
    /// <exception cref="AnnealException">A weight has changed that the model holds once for several places, which now differ; the message names it.</exception>
    public static Model ToModel(OnnxModule module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return module.ToModel();
    }

    /// <summary>
    /// A model of what a module computes in use. It is recorded twice, with different extents on every axis that is to be open; a graph that differs
    /// between the two is refused, so that no batch size and no number of rounds is baked in.
    /// </summary>
    /// <param name="module">The module, which is in use and records no gradients meanwhile.</param>
    /// <param name="input">The shape of its input, with any batch: <c>[1, 3, 224, 224]</c>.</param>
    /// <param name="options">How; default <see cref="ExportOptions.Default"/>.</param>
    /// <exception cref="AnnealException">What the module does cannot be said by a static graph; the message names the first node of which that is so, and what to write instead.</exception>
    public static Model ToModel(Module module, TensorShape input, ExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(input);
        return ModuleWriter.Write(module, input, options ?? ExportOptions.Default);
    }

    /// <summary>
    /// Writes a model. The file is made beside its place, opened in ONNX Runtime, and compared with this library's own engine on seeded inputs at
    /// batches of 1, 2 and 7; one that disagrees, or cannot be opened, never appears at the path.
    /// </summary>
    /// <param name="model">The model, which stays as it is.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="options">How; default <see cref="ExportOptions.Default"/>.</param>
    /// <param name="cancellation">Ends the export; nothing is left behind then.</param>
    /// <exception cref="AnnealException">The file is there already, cannot be written, or disagrees; the message says by how much.</exception>
    public static ExportReport Save(Model model, string path, ExportOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new ExportRun(path, options ?? ExportOptions.Default, cancellation).Run(model);
    }

    /// <summary>Writes the model that a module was made of, with the weights that it has now; compared with the module itself.</summary>
    /// <inheritdoc cref="Save(Model, string, ExportOptions?, CancellationToken)"/>
    /// <param name="module">The module.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="options">How; default <see cref="ExportOptions.Default"/>.</param>
    /// <param name="cancellation">Ends the export; nothing is left behind then.</param>
    public static ExportReport Save(OnnxModule module, string path, ExportOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(module);
        var model = module.ToModel();
        return new ExportRun(path, options ?? ExportOptions.Default, cancellation).Run(model, new OnnxReference(module, model));
    }

    /// <summary>Records a module (<see cref="ToModel(Module, TensorShape, ExportOptions?)"/>) and writes it; compared with the module itself.</summary>
    /// <inheritdoc cref="Save(Model, string, ExportOptions?, CancellationToken)"/>
    /// <param name="module">The module.</param>
    /// <param name="input">The shape of its input, with any batch: <c>[1, 3, 224, 224]</c>.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="options">How; default <see cref="ExportOptions.Default"/>.</param>
    /// <param name="cancellation">Ends the export; nothing is left behind then.</param>
    public static ExportReport Save(Module module, TensorShape input, string path, ExportOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= ExportOptions.Default;
        var model = ToModel(module, input, options);
        // The operator set was written as it was asked for.
        return new ExportRun(path, options with { Opset = null }, cancellation).Run(model, new ModuleReference(module, options.OutputName));
    }
}
