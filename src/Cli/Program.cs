using Anneal.Cli;
using Anneal.Cli.Conformance;

if (args is [CaseWorker.Verb, var engine, var device, var threads])
    return CaseWorker.Run(engine, device, threads);
using var interruption = new Interruption(args.FirstOrDefault());
return await interruption.RaceAsync(cancellation => CommandLine.RunAsync(args, Screen.Open(), cancellation));
