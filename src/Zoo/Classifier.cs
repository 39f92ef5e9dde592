using System.Runtime.CompilerServices;
using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Zoo.Images;

namespace Anneal.Zoo;

/// <summary>
/// A loaded model together with everything that makes its answers right: the preprocessing its weights were trained with, its labels and
/// what its output means. Safe to use from any number of threads at once. Dispose it to free the model.
/// </summary>
public sealed class Classifier : IDisposable
{
    private readonly ClassifierModel _model;

    /// <summary>A classifier over an opened model.</summary>
    /// <param name="session">The model; the classifier owns it from now on.</param>
    /// <param name="card">Preprocessing, labels and the meaning of the output.</param>
    /// <param name="limits">How large a picture may be; null for <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="AnnealException">The card does not fit the model.</exception>
    public Classifier(IModelSession session, ModelCard card, ImageLimits? limits = null) => _model = new(session, card, limits);

    /// <summary>What is known of the model.</summary>
    public ModelCard Card => _model.Card;

    /// <summary>The opened model, for those who want tensors instead of answers.</summary>
    public IModelSession Session => _model.Session;

    /// <summary>The names of the classes, or null when the card names none.</summary>
    public Labels? Labels => _model.Labels;

    /// <summary>The best classes of one picture, best first.</summary>
    /// <param name="path">A picture file.</param>
    /// <param name="top">How many classes; at least 1.</param>
    /// <exception cref="AnnealException">The file is no picture that can be read, or the model gave no usable answer.</exception>
    public IReadOnlyList<Prediction> Classify(string path, int top = 5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        var batch = new ClassifyBatch(_model, [path], top);
        batch.Work(0, CancellationToken.None);
        batch.Finished.GetAwaiter().GetResult();
        var answer = batch.Answers[0];
        return answer.Error is null ? answer.Predictions : throw new AnnealException(answer.Error);
    }

    /// <summary>
    /// Classifies many pictures, decoding on all cores while the model works. Answers come in the order of the inputs, each as soon as it
    /// and those before it are ready; a file that cannot be read becomes an answer with an error, and the rest go on.
    /// </summary>
    /// <param name="paths">Picture files; read as they are needed, so the list may be long.</param>
    /// <param name="options">How many answers, how large a batch.</param>
    /// <param name="cancellation">Ends the work early.</param>
    public async IAsyncEnumerable<Classification> ClassifyAsync(
        IEnumerable<string> paths, ClassifyOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Top, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Batch, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Batch, 4096, nameof(options));
        var pipeline = new ClassifyPipeline(_model, options);
        await foreach (var answer in pipeline.RunAsync(paths, cancellation).ConfigureAwait(false))
            yield return answer;
    }

    /// <summary>Waits for work in flight and frees the model.</summary>
    public void Dispose() => Session.Dispose();
}
