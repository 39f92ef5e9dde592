using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Anneal.Cli.Quickstart;
using Anneal.Onnx;
using Anneal.Training.Export;
using Anneal.Training.Tuning;
using Anneal.Zoo;

namespace Anneal.Cli.Commands;

/// <summary>
/// <c>anneal quickstart</c>: the whole walk in less than a minute, without a network and without data. The network inside the library names
/// drawn digits, learns letters, goes out as one file, and the file proves itself in ONNX Runtime.
/// </summary>
internal sealed class QuickstartCommand(QuickstartFolder folder, QuickstartTale tale)
{
    private const string Network = "digits";

    private static readonly ModelZoo Zoo = new();

    public static Command Create(Screen screen)
    {
        var place = new Argument<string?>("folder") { Description = "A new or empty folder for pictures and the network that is made. Default: a temporary one.", HelpName = "FOLDER", Arity = ArgumentArity.ZeroOrOne };
        var seed = new Option<ulong>("--seed") { Description = "Whose handwriting it is.", HelpName = "N" };
        var json = ModelsCommand.Json("One JSON object for each step.");
        var command = new Command("quickstart", "Classify drawn digits, teach the network letters, export it, and verify the file. Needs no network and no data.") { place, seed, json };
        command.SetAction((parsed, cancellation) =>
        {
            var folder = QuickstartFolder.Open(parsed.GetValue(place), parsed.GetValue(seed));
            return new QuickstartCommand(folder, new(screen, parsed.GetValue(json))).RunAsync(parsed.GetValue(seed), cancellation);
        });
        return command;
    }

    private async Task<int> RunAsync(ulong seed, CancellationToken cancellation)
    {
        await tale.StepAsync("classify", "1. The network inside the library names digits that were drawn for it",
            () => AskAsync(Network, folder.WriteDigits(), cancellation), tale.Show, QuickstartTale.Write).ConfigureAwait(false);
        var tuned = await tale.StepAsync("finetune", "2. It learns letters, which it has never seen",
            () => TuneAsync(seed, cancellation), TellTuning, WriteTuning).ConfigureAwait(false);
        await tale.StepAsync("export", "3. It goes out as one ONNX file that says all about itself",
            () => Task.Run(() => tuned.Save(folder.Network, cancellation: cancellation), cancellation), TellExport, WriteExport).ConfigureAwait(false);
        await tale.StepAsync("verify", "4. ONNX Runtime opens the file, computes its golden example, and names new letters",
            () => VerifyAsync(cancellation), TellProof, WriteProof).ConfigureAwait(false);
        Conclude();
        return ExitCode.Ok;
    }

    private static async Task<IReadOnlyList<Character>> AskAsync(string model, IReadOnlyList<Character> characters, CancellationToken cancellation)
    {
        using var classifier = await Zoo.LoadAsync(model, cancellation: cancellation).ConfigureAwait(false);
        return [.. characters.Select(character => character with { Answer = classifier.Classify(character.File, top: 1)[0] })];
    }

    private async Task<FineTuneResult> TuneAsync(ulong seed, CancellationToken cancellation)
    {
        var count = folder.WriteLetters(cancellation);
        tale.Say($"{Quantity.Count(count)} pictures of {string.Join(", ", Handwriting.Letters.All.Select(letter => letter.Name))} are drawn into {folder.Letters}; a fifth of them is kept to judge by.");
        var options = new FineTuneOptions { Epochs = 12, LearningRate = 5e-3, Seed = seed, FeatureFolder = folder.Features, Progress = new EpochLines(tale) };
        var model = await PretrainedModel.FromZooAsync(Network, Zoo, cancellation: cancellation).ConfigureAwait(false);
        return await FineTune.RunAsync(model, TuningData.FromFolders(folder.Letters, seed: seed), options, cancellation).ConfigureAwait(false);
    }

    private async Task<Proof> VerifyAsync(CancellationToken cancellation)
    {
        var verification = await Task.Run(() => ModelVerifier.Verify(folder.Network, cancellation: cancellation), cancellation).ConfigureAwait(false);
        if (!verification.IsGood)
            throw new AnnealException(string.Create(CultureInfo.InvariantCulture,
                $"{folder.Network} computes something else in {verification.Engine} than it should: the outputs differ by {verification.Largest:g2}, {verification.Tolerance:g2} is allowed. Run 'anneal doctor'."));
        return new(verification, await AskAsync(folder.Network, folder.WriteNewLetters(), cancellation).ConfigureAwait(false));
    }

    private void TellTuning(FineTuneResult result) => tale.Say(string.Create(CultureInfo.InvariantCulture,
        $"The weights of epoch {result.BestEpoch} are kept: {100 * result.Metrics.Top1:0.0} % of the letters kept aside are named right."));

    private static void WriteTuning(Utf8JsonWriter json, FineTuneResult result)
    {
        json.Strings("classes", result.ClassNames);
        json.WriteNumber("epochs", result.History.Count);
        json.Number("top1", result.Metrics.Top1);
    }

    private void TellExport(ExportReport report)
    {
        tale.Say($"{report.Path} ({Quantity.Bytes(new FileInfo(report.Path).Length)})");
        tale.Say(string.Create(CultureInfo.InvariantCulture, $"Opened again in ONNX Runtime, its outputs differ by {report.LargestDifference:g2} of the largest number in them."));
    }

    private static void WriteExport(Utf8JsonWriter json, ExportReport report)
    {
        json.WriteString("out", report.Path);
        json.Number("largestDifference", report.LargestDifference);
    }

    private void TellProof(Proof proof)
    {
        tale.Say(string.Create(CultureInfo.InvariantCulture, $"The golden example inside the file comes out within {proof.Verification.Largest:g2}; {proof.Verification.Tolerance:g2} is allowed."));
        tale.Show(proof.Letters);
    }

    private static void WriteProof(Utf8JsonWriter json, Proof proof)
    {
        json.Number("largest", proof.Verification.Largest);
        json.Number("tolerance", proof.Verification.Tolerance);
        QuickstartTale.Write(json, proof.Letters);
    }

    private void Conclude()
    {
        tale.Say(string.Create(CultureInfo.InvariantCulture, $"All of it took {tale.Elapsed.TotalSeconds:0.0} s. Go on with:"));
        tale.Say($"  inspect {folder.Network}");
        tale.Say($"  verify {folder.Network}");
        tale.Say($"  classify {Path.Combine(folder.Root, "new-letters")} --model {folder.Network}");
        tale.Say("  finetune PHOTOS --model resnet50 --out mine.onnx     your own pictures, a folder for each class");
    }

    /// <summary>What the last step finds.</summary>
    private sealed record Proof(ModelVerification Verification, IReadOnlyList<Character> Letters);

    /// <summary>A line for each epoch.</summary>
    private sealed class EpochLines(QuickstartTale tale) : IProgress<TuningProgress>
    {
        public void Report(TuningProgress value)
        {
            if (value.Finished is { } epoch)
                tale.Say(string.Create(CultureInfo.InvariantCulture, $"epoch {epoch.Epoch,2} of {value.Epochs}   loss {epoch.TrainLoss:0.000}   right {100 * epoch.Top1,5:0.0} %"));
        }
    }
}
