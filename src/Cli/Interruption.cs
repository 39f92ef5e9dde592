using System.Runtime.InteropServices;

namespace Anneal.Cli;

/// <summary>
/// Ctrl-C and a polite kill: the work is asked to stop, given a moment to clean up, and then left behind, because a native call in the
/// middle of a picture or a download cannot be stopped and the person at the keyboard should not wait for it. A second Ctrl-C kills.
/// </summary>
internal sealed class Interruption : IDisposable
{
    // A training ends its step, which takes seconds with a large model, and then writes what it has learned.
    private static readonly TimeSpan TrainingGrace = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan UsualGrace = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<int> _signalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeSpan _grace;
    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="command">The command that is run.</param>
    public Interruption(string? command)
    {
        _grace = command is "finetune" ? TrainingGrace : UsualGrace;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Signal(context, ExitCode.Interrupted)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Signal(context, ExitCode.Terminated)),
        ];
    }

    /// <summary>Runs the work and gives its exit code, or the signal's when one comes first.</summary>
    public async Task<int> RaceAsync(Func<CancellationToken, Task<int>> work)
    {
        var running = Task.Run(() => work(_stop.Token));
        if (await Task.WhenAny(running, _signalled.Task).ConfigureAwait(false) == running)
            return await running.ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAny(running, Task.Delay(_grace)).ConfigureAwait(false);
        return await _signalled.Task.ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void Signal(PosixSignalContext context, int exitCode) => context.Cancel = _signalled.TrySetResult(exitCode);
}
