namespace Anneal.Cli;

/// <summary>What the program answers its caller with. Scripts rely on 0 to 4; the rest follow the habits of Unix.</summary>
internal static class ExitCode
{
    /// <summary>All well.</summary>
    public const int Ok = 0;

    /// <summary>Some inputs failed or some check found a problem; the rest was answered.</summary>
    public const int SomeFailed = 1;

    /// <summary>The command line itself could not be understood.</summary>
    public const int Usage = 2;

    /// <summary>The model could not be had: not found, not downloadable, refused, or its device or engine is not available.</summary>
    public const int NoModel = 3;

    /// <summary>The data is none that a model could learn from.</summary>
    public const int DataRefused = 4;

    /// <summary>A bug of ours (<c>EX_SOFTWARE</c> of sysexits.h).</summary>
    public const int Bug = 70;

    /// <summary>A file or a disk refused (<c>EX_IOERR</c> of sysexits.h).</summary>
    public const int Io = 74;

    /// <summary>Ended by Ctrl-C: 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>Ended by a polite kill: 128 + SIGTERM.</summary>
    public const int Terminated = 143;
}
