using Anneal.Onnx;
using Anneal.Training.Data;
using Anneal.Training.Tuning;

namespace Anneal.Cli;

/// <summary>What a person sees of an exception: one line and an exit code; the stack only for those who ask with <c>ANNEAL_DEBUG=1</c>.</summary>
internal static class Failure
{
    public static int Explain(Screen screen, Exception error, CancellationToken cancellation)
    {
        switch (error)
        {
            case OperationCanceledException when cancellation.IsCancellationRequested:
                return ExitCode.Interrupted;
            case IOException closed when StandardOutput.IsClosedPipe(closed):
                return ExitCode.Ok;
        }
        screen.Notice(Sentence(error));
        if (Environment.GetEnvironmentVariable("ANNEAL_DEBUG") == "1")
            screen.Error.WriteLine(error);
        return Code(error);
    }

    private static string Sentence(Exception error) => error switch
    {
        AnnealException or IOException or UnauthorizedAccessException => error.Message,
        _ => $"This should not have happened: {error.GetType().Name}: {error.Message} "
            + "Please report it with the command you ran and what it prints when ANNEAL_DEBUG=1 is set.",
    };

    private static int Code(Exception error) => error switch
    {
        DataRefusedException or SampleException => ExitCode.DataRefused,
        AnnealException => ExitCode.NoModel,
        IOException or UnauthorizedAccessException => ExitCode.Io,
        _ => ExitCode.Bug,
    };
}
