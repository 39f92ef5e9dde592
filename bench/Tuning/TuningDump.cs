using System.Globalization;
using Anneal.Onnx;
using Anneal.Training;
using Anneal.Training.Checkpoints;
using Anneal.Training.Data;
using Anneal.Training.Nn;
using Anneal.Training.Tuning;
using Anneal.Zoo;

namespace Anneal.Bench.Tuning;

/// <summary>
/// Writes what another framework needs to make the same trainings of a head: features and labels of both sides, the head's first weights and the order of
/// pictures for each seed, as safetensors: <c>tuning-dump --model FILE --card NAME|FILE --train DIR --val DIR --out FILE [--seeds …] [--epochs 8]</c>.
/// </summary>
internal static class TuningDump
{
    public static int Run(string[] args)
    {
        string? Value(string name) => Array.IndexOf(args, name) is var at && at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
        string Required(string name) => Value(name) ?? throw new ArgumentException($"tuning-dump needs {name}.");
        var card = File.Exists(Required("--card")) ? ModelCard.Load(Required("--card")) : ModelCatalog.Default.Get(Required("--card"));
        var pretrained = PretrainedModel.FromFile(Required("--model"), card);
        var data = TuningData.FromFolders(Required("--train"), Required("--val"));
        var epochs = int.Parse(Value("--epochs") ?? "8", CultureInfo.InvariantCulture);
        var tensors = new OrderedDictionary<string, TensorData>();
        foreach (var seed in (Value("--seeds") ?? "0,1,2,3,4").Split(',').Select(text => ulong.Parse(text, CultureInfo.InvariantCulture)))
        {
            var fresh = ClassifierHead.Find(pretrained.Model).WithClasses(data.ClassNames.Count, new Draws(seed).For("head"));
            var cut = ModelCut.Leading(fresh.Model, fresh.ParameterNames.Contains)!;
            if (tensors.Count == 0)
                AddFeatures(tensors, cut, data, Augment.None(pretrained.Card));
            foreach (var (name, parameter) in new OnnxModule(cut.Rest).NamedParameters())
                tensors.Add($"seed{seed}.{(name == fresh.ParameterNames[0] ? "weight" : "bias")}", parameter.ToTensorData());
            var loader = new DataLoader<PictureSample>(data.Train, Augment.None(pretrained.Card), new() { BatchSize = 16, Order = SampleOrder.Shuffled, Seed = seed });
            for (var epoch = 0; epoch < epochs; epoch++)
                tensors.Add($"seed{seed}.order{epoch}", TensorData.Create("order", Array.ConvertAll(loader.Order(epoch), index => (long)index), data.Train.Count));
        }
        SafeTensors.Save(Required("--out"), tensors);
        return 0;
    }

    private static void AddFeatures(OrderedDictionary<string, TensorData> tensors, ModelCut cut, TuningData data, PicturePipeline pipeline)
    {
        using var front = new FrozenFeatures(cut);
        foreach (var (side, pictures) in new[] { ("train", data.Train), ("val", data.Validation) })
        {
            using var table = front.Table(pictures, pipeline);
            var batch = table.Loader(new() { BatchSize = table.Count, Workers = 0 }).Epoch(0).First();
            tensors.Add($"{side}.features", batch.Inputs.ToTensorData());
            tensors.Add($"{side}.labels", batch.Labels.ToTensorData());
        }
    }
}
