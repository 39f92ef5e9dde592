using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Anneal.Cli;

/// <summary>
/// The process's standard output as UTF-8 without a byte-order mark, whatever the locale. .NET's own stream swallows the error of a pipe
/// whose reader has gone, and a thousand photos would be classified for nobody; a pipe is therefore written to as a file, which says so.
/// </summary>
internal static class StandardOutput
{
    private const int BrokenPipe = 32;

    public static TextWriter Open() => new StreamWriter(OpenStream(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };

    /// <summary>Whether an error means that the reader of our output has closed its end, as <c>head</c> does when it has seen enough.</summary>
    public static bool IsClosedPipe(IOException error) => !OperatingSystem.IsWindows() && error.HResult == BrokenPipe;

    /// <remarks>A regular file keeps .NET's stream: a file stream would track a position of its own, and <c>&gt; log 2&gt;&amp;1</c> shares one.</remarks>
    private static Stream OpenStream()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
            return Console.OpenStandardOutput();
        try
        {
            var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;
        }
        catch (Exception error) when (error is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // Standard output is closed (>&-) or of a kind that is no file: .NET's stream copes with both.
            return Console.OpenStandardOutput();
        }
    }
}
