using System.CommandLine;
using System.Globalization;
using Anneal.Cli.Inspection;
using Anneal.Onnx;
using Anneal.Onnx.Ops;
using Anneal.Onnx.Passes;
using Anneal.Runtime;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal optimize</c>: rewrites a model so that it computes the same with less, and proves it before anything is written.</summary>
internal sealed class OptimizeCommand(Screen screen)
{
    // The newest operator set that ONNX Runtime 1.31 opens.
    private const int NewestRun = 26;

    private static readonly string[] Names = [.. StandardPasses.Make().Select(pass => pass.Name)];

    public static Command Create(Screen screen)
    {
        var input = new Argument<string>("in") { Description = "An .onnx file." };
        var output = new Argument<string>("out") { Description = "The file to write." };
        var passes = new Option<string[]>("--passes") { Description = $"Only these passes, separated by commas: {string.Join(", ", Names)}.", CustomParser = result => Split(result.Tokens[0].Value) };
        var skip = new Option<string[]>("--skip") { Description = "All passes but these.", CustomParser = result => Split(result.Tokens[0].Value) };
        var opset = new Option<int?>("--opset") { Description = $"The operator set of the result. Default: {NewestRun}, or the file's own if that is newer." };
        var fuse = new Option<string?>("--fuse") { Description = "Fuse convolutions with activations for one runtime, which then alone can run the file: ort (ONNX Runtime on a CPU)." };
        fuse.AcceptOnlyFromAmong("ort");
        var freeBatch = new Option<bool>("--free-batch") { Description = "Make a hard-coded batch of 1 an open axis N; refused where that cannot be proven right." };
        var tolerance = new Option<double>("--tolerance") { Description = "The largest difference of outputs, relative to the largest number in them.", DefaultValueFactory = _ => 1e-4 };
        var noVerify = new Option<bool>("--no-verify") { Description = "Write the file without comparing outputs." };
        var force = new Option<bool>("--force") { Description = "Replace OUT if it is there, be it IN itself." };
        var json = ModelsCommand.Json("One JSON object.");
        var command = new Command("optimize", "Rewrite a model so that it computes the same with less, and compare both before writing.")
        {
            input, output, passes, skip, opset, fuse, freeBatch, tolerance, noVerify, force, json,
        };
        tolerance.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and < 1))
                result.AddError("--tolerance is a share from 0 to below 1.");
        });
        command.SetAction((parsed, cancellation) =>
        {
            var order = new Order(Path.GetFullPath(parsed.GetRequiredValue(input)), Path.GetFullPath(parsed.GetRequiredValue(output)), parsed.GetValue(tolerance))
            {
                Passes = Choose(parsed.GetValue(passes), parsed.GetValue(skip), parsed.GetValue(fuse), parsed.GetValue(freeBatch)),
                Opset = parsed.GetValue(opset),
                IsVerified = !parsed.GetValue(noVerify),
                Force = parsed.GetValue(force),
                AsJson = parsed.GetValue(json),
            };
            return Task.FromResult(new OptimizeCommand(screen).Run(order, cancellation));
        });
        return command;
    }

    /// <summary>Optimizes a file. Nothing is written unless everything went well.</summary>
    internal int Run(Order order, CancellationToken cancellation)
    {
        if (File.Exists(order.Out) && !order.Force)
            throw new AnnealException($"{order.Out} is there already. Choose another name, or replace it with --force.");
        var original = OnnxFile.Load(order.In);
        var model = original.Copy();
        var done = Rewrite(model, order);
        var difference = order.IsVerified ? Compare(order, model, cancellation) : null;
        OnnxFile.Save(model, order.Out);
        var report = new OptimizeReport(new(order.In, original), new(order.Out, model), done, difference);
        if (order.AsJson)
            screen.Line(report.ToJson());
        else
            report.Write(screen);
        return ExitCode.Ok;
    }

    private static List<PassResult> Rewrite(Model model, Order order)
    {
        try
        {
            var version = order.Opset ?? (int)Math.Max(NewestRun, model.OperatorSets[""] ?? 0);
            if (version < UpgradeOpset.OldestVersion || version > OpTable.Version)
                throw new AnnealException($"There is no opset {version} to upgrade to: {UpgradeOpset.OldestVersion} to {OpTable.Version} are known.");
            List<PassResult> done = [.. new Optimizer(new UpgradeOpset(version)).Run(model), .. new Optimizer(order.Passes).Run(model)];
            return done;
        }
        catch (AnnealException e)
        {
            throw new AnnealException($"{order.In}: {e.Message}", e);
        }
    }

    private static ModelComparison Compare(Order order, Model model, CancellationToken cancellation)
    {
        try
        {
            var result = ModelComparison.Run(ModelSource.FromFile(order.In), ModelSource.FromModel(model), cancellation);
            return result.Largest <= order.Tolerance ? result : throw new AnnealException(string.Create(CultureInfo.InvariantCulture,
                $"output '{result.Output}' would differ by {result.Largest:g2} of its largest number; {order.Tolerance:g2} is allowed. --passes shows which pass does it."));
        }
        catch (Exception e) when (e is InvalidModelException or IncomparableModelException)
        {
            throw new AnnealException($"{order.Out} is not written, because nothing can be compared: {e.Message} --no-verify writes it all the same.", e);
        }
        catch (AnnealException e)
        {
            throw new AnnealException($"{order.Out} is not written: {e.Message}", e);
        }
    }

    /// <summary>An empty list is one that was not given.</summary>
    private static IPass[] Choose(string[]? only, string[]? without, string? fuse, bool freeBatch)
    {
        foreach (var name in (only ?? []).Concat(without ?? []))
            if (!Names.Contains(name))
                throw new AnnealException($"There is no pass '{name}'. The passes are {string.Join(", ", Names)}.");
        var chosen = StandardPasses.Make(new OrtConstantEvaluator()).Where(pass => only is [_, ..] ? only.Contains(pass.Name) : without?.Contains(pass.Name) != true);
        return
        [
            .. freeBatch ? [new FreeBatch()] : Array.Empty<IPass>(),
            .. chosen,
            .. fuse is null ? [] : new IPass[] { new FuseActivation(FusionTarget.OnnxRuntimeCpu) },
        ];
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>What was asked for.</summary>
    internal sealed record Order(string In, string Out, double Tolerance)
    {
        public IReadOnlyList<IPass> Passes { get; init; } = [];

        public int? Opset { get; init; }

        public bool IsVerified { get; init; } = true;

        public bool Force { get; init; }

        public bool AsJson { get; init; }
    }
}
