using Anneal.Bench;
using Anneal.Bench.Cifar;
using Anneal.Bench.Torch;
using Anneal.Bench.Tuning;
using BenchmarkDotNet.Running;

// Drivers compare two ways of doing one thing, taking turns in one process or in alternating children, or run a whole training; the rest is BenchmarkDotNet's.
var drivers = new Dictionary<string, Func<string[], int>>(StringComparer.Ordinal)
{
    ["session-overhead"] = SessionOverhead.Run,
    ["classify"] = ClassifyThroughput.Run,
    ["model-open"] = ModelOpen.Run,
    ["model-open-child"] = ModelOpen.RunChild,
    ["preprocess"] = Preprocess.Run,
    ["compare-torch"] = CompareTorch.Run,
    ["profile-step"] = StepProfile.Run,
    ["cifar"] = CifarFromScratch.Run,
    ["tuning"] = TuningAccuracy.Run,
    ["tuning-dump"] = TuningDump.Run,
};

if (args is [var name, .. var rest] && drivers.TryGetValue(name, out var driver))
    return driver(rest);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
