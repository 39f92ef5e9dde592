using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>
/// Many inputs through one classifier. A feeder cuts the inputs into batches; as many workers as there are cores prepare pictures, and the
/// worker that prepares a batch's last picture runs the model on it, so that every core either decodes or computes. Two bounded channels
/// keep the feeder only a little ahead of the reader, however long the list is.
/// </summary>
internal sealed class ClassifyPipeline(ClassifierModel model, ClassifyOptions options)
{
    private const int BatchOnGpu = 32;

    private readonly int _workers = Environment.ProcessorCount + (model.Session.Device.Kind == DeviceKind.Cpu ? 0 : 1);

    public async IAsyncEnumerable<Classification> RunAsync(IEnumerable<string> paths, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var pictures = Channel.CreateBounded<(ClassifyBatch Batch, int Index)>(2 * _workers);
        var batches = Channel.CreateBounded<ClassifyBatch>(new BoundedChannelOptions(2 * _workers) { SingleReader = true, SingleWriter = true });
        Task[] crew = [Task.Run(() => FeedAsync(paths, batches.Writer, pictures.Writer, stop.Token), CancellationToken.None),
            .. Enumerable.Range(0, _workers).Select(_ => Task.Run(() => WorkAsync(pictures.Reader, stop.Token), CancellationToken.None))];
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                await batch.Finished.WaitAsync(cancellation).ConfigureAwait(false);
                foreach (var answer in batch.Answers)
                    yield return answer;
            }
        }
        finally
        {
            // Also when the reader leaves early: nobody works on after this method has ended.
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(crew).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private int BatchSize => model.FixedBatch
        ?? (options.Batch > 0 ? options.Batch : model.Session.Device.Kind == DeviceKind.Cpu ? 1 : BatchOnGpu);

    private async Task FeedAsync(
        IEnumerable<string> paths, ChannelWriter<ClassifyBatch> batches, ChannelWriter<(ClassifyBatch, int)> pictures, CancellationToken stop)
    {
        try
        {
            foreach (var chunk in paths.Chunk(BatchSize))
            {
                var batch = new ClassifyBatch(model, chunk, options.Top);
                await batches.WriteAsync(batch, stop).ConfigureAwait(false);
                for (var i = 0; i < chunk.Length; i++)
                    await pictures.WriteAsync((batch, i), stop).ConfigureAwait(false);
            }
            batches.Complete();
        }
        catch (Exception e)
        {
            // What the caller's own enumeration threw reaches the caller through the channel.
            batches.Complete(e);
        }
        finally
        {
            pictures.Complete();
        }
    }

    private static async Task WorkAsync(ChannelReader<(ClassifyBatch Batch, int Index)> pictures, CancellationToken stop)
    {
        await foreach (var (batch, index) in pictures.ReadAllAsync(stop).ConfigureAwait(false))
            batch.Work(index, stop);
    }
}
