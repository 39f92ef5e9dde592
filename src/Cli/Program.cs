using Anneal.Cli;

using var interruption = new Interruption();
return await interruption.RaceAsync(cancellation => CommandLine.RunAsync(args, Screen.Open(), cancellation));
