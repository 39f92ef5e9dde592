using Anneal.Zoo;

namespace Anneal.Cli;

/// <summary>
/// Downloads as people see them: on a terminal one line that moves, in a log a line for each tenth of the way.
/// </summary>
internal sealed class DownloadDisplay : IProgress<DownloadProgress>
{
    private const int BarLength = 24;

    private readonly Lock _gate = new();
    private readonly Screen _screen;
    private int _tenths = -1;
    private string? _note;

    private DownloadDisplay(Screen screen) => _screen = screen;

    public static DownloadDisplay On(Screen screen) => new(screen);

    public void Report(DownloadProgress value)
    {
        lock (_gate)
        {
            if (value.Phase is DownloadPhase.Retrying or DownloadPhase.Waiting)
                Say(value);
            else if (_screen.IsErrorRich)
                Move(value);
            else
                Log(value);
        }
    }

    private void Say(DownloadProgress progress)
    {
        if (_note != progress.Note)
            _screen.Notice($"{progress.What}: {progress.Note ?? progress.Phase.ToString()}.");
        _note = progress.Note;
    }

    private void Move(DownloadProgress progress)
    {
        if (progress.Phase == DownloadPhase.Connecting)
            _screen.Live($"{progress.What}: asking {progress.Source?.Host}");
        else
            _screen.Live($"{progress.What} {Bar(progress)} {Amount(progress)}{Speed(progress)}");
        if (progress.Phase == DownloadPhase.Complete)
            _screen.EndLive();
    }

    private void Log(DownloadProgress progress)
    {
        switch (progress.Phase)
        {
            case DownloadPhase.Connecting:
                _screen.Notice($"{progress.What}: from {progress.Source}");
                _tenths = Tenths(progress);
                break;
            case DownloadPhase.Complete:
                _screen.Notice($"{progress.What}: {Quantity.Bytes(progress.ReceivedBytes)}, complete and verified.");
                _tenths = -1;
                break;
            default:
                if (Tenths(progress) > _tenths)
                    _screen.Notice($"{progress.What}: {Amount(progress)}{Speed(progress)}");
                _tenths = Math.Max(_tenths, Tenths(progress));
                break;
        }
    }

    private static int Tenths(DownloadProgress progress) =>
        progress.TotalBytes is > 0 and var total ? (int)(10 * progress.ReceivedBytes / total) : 0;

    private static string Bar(DownloadProgress progress)
    {
        if (progress.TotalBytes is not (> 0 and var total))
            return "";
        var done = (int)Math.Clamp(BarLength * progress.ReceivedBytes / total, 0, BarLength);
        return new string('\u2588', done) + new string('\u2591', BarLength - done);
    }

    private static string Amount(DownloadProgress progress) => progress.TotalBytes is > 0 and var total
        ? $"{Quantity.Bytes(progress.ReceivedBytes)} of {Quantity.Bytes(total)}"
        : Quantity.Bytes(progress.ReceivedBytes);

    private static string Speed(DownloadProgress progress)
    {
        if (progress.BytesPerSecond <= 0 || progress.Phase == DownloadPhase.Complete)
            return "";
        var rest = progress.TotalBytes is { } total ? $", {Quantity.Time(TimeSpan.FromSeconds((total - progress.ReceivedBytes) / progress.BytesPerSecond))} left" : "";
        return $", {Quantity.Bytes(progress.BytesPerSecond)}/s{rest}";
    }
}
