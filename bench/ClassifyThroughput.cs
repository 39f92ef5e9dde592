using System.Diagnostics;
using System.Globalization;
using Anneal.Onnx;
using Anneal.Runtime;
using Anneal.Zoo;
using Anneal.Zoo.Images;

namespace Anneal.Bench;

/// <summary>
/// Many photos through <see cref="Classifier.ClassifyAsync"/> against the bound that its parts set: with decoding, preprocessing and the
/// model each measured alone on all cores, no pipeline on these cores can do better than one photo in the sum of the three times.
/// </summary>
internal static class ClassifyThroughput
{
    private const int Rounds = 15;

    /// <summary><c>classify MODEL.onnx CARD FOLDER [PHOTOS]</c>: photos of the folder, repeated up to the number.</summary>
    public static int Run(string[] args)
    {
        if (args.Length is < 3 or > 4)
        {
            Console.Error.WriteLine("usage: classify MODEL.onnx CARD FOLDER [PHOTOS=1000]");
            return 2;
        }
        var count = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 1000;
        var files = Directory.GetFiles(args[2]);
        var photos = Enumerable.Range(0, count).Select(i => files[i % files.Length]).ToArray();
        foreach (var spinning in new[] { false, true })
            Compare(args[0], ModelCatalog.Default.Get(args[1]), photos, spinning);
        return 0;
    }

    private static void Compare(string model, ModelCard card, string[] photos, bool spinning)
    {
        using var classifier = new ModelZoo().Load(model, new() { Card = card, Session = new() { Device = Device.Cpu, Spinning = spinning } });
        using var parts = new Parts(classifier, photos);
        _ = (parts.Decode(), parts.Preprocess(), parts.Model(), parts.Classify());
        var rounds = Enumerable.Range(0, Rounds).Select(_ => (D: parts.Decode(), P: parts.Preprocess(), M: parts.Model(), C: parts.Classify())).ToArray();
        Console.WriteLine($"{photos.Length} photos, session spinning {(spinning ? "on" : "off")}, {Rounds} rounds (ms a photo: quartile, median, quartile)");
        Print("decode, all cores", rounds.Select(r => r.D));
        Print("preprocess, all cores", rounds.Select(r => r.P));
        Print("model, all cores", rounds.Select(r => r.M));
        Print("classify", rounds.Select(r => r.C));
        Print("share of the bound, %", rounds.Select(r => 100 * (r.D + r.P + r.M) / r.C));
    }

    private static void Print(string name, IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-28} {sorted[sorted.Length / 4],10:F3} {sorted[sorted.Length / 2],10:F3} {sorted[3 * sorted.Length / 4],10:F3}"));
    }

    /// <summary>Each part alone and all together, in milliseconds a photo.</summary>
    private sealed class Parts : IDisposable
    {
        private readonly Classifier _classifier;
        private readonly string[] _photos;
        private readonly Preprocessor _preprocessor;
        private readonly Picture[] _pictures;
        private readonly ThreadLocal<float[]> _slot;
        private readonly long[] _shape;

        public Parts(Classifier classifier, string[] photos)
        {
            (_classifier, _photos) = (classifier, photos);
            _preprocessor = new(classifier.Card.Preprocessing);
            _pictures = [.. photos.Distinct().Select(Decoded)];
            _slot = new(() => new float[_preprocessor.SlotLength]);
            _shape = [1, _preprocessor.Channels, _preprocessor.Height, _preprocessor.Width];
        }

        public double Decode() => Time(() => Parallel.ForEach(_photos, photo => Decoded(photo).Dispose()));

        public double Preprocess() => Time(() => Parallel.For(0, _photos.Length, i => _preprocessor.Run(_pictures[i % _pictures.Length], _slot.Value)));

        // One caller with all threads inside, or one caller a core: whichever is faster sets the bound.
        public double Model() => Math.Min(
            Time(() => { for (var i = 0; i < _photos.Length; i++) RunModel(); }),
            Time(() => Parallel.For(0, _photos.Length, _ => RunModel())));

        public double Classify() => Time(() => ClassifyAsync().GetAwaiter().GetResult());

        public void Dispose()
        {
            foreach (var picture in _pictures)
                picture.Dispose();
            _slot.Dispose();
        }

        private static Picture Decoded(string photo)
        {
            using var file = ImageFile.Open(photo);
            return file.Decode();
        }

        private void RunModel() =>
            _classifier.Session.Run([NamedTensor.Create(_classifier.Session.Inputs[0].Name, _slot.Value!.AsMemory(), _shape)]);

        private async Task ClassifyAsync()
        {
            await foreach (var answer in _classifier.ClassifyAsync(_photos))
                if (answer.Error is not null)
                    throw new InvalidOperationException(answer.Error);
        }

        private double Time(Action work)
        {
            var start = Stopwatch.GetTimestamp();
            work();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds / _photos.Length;
        }
    }
}
