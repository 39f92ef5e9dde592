using Polly;
using Polly.Retry;

namespace Anneal.Zoo;

/// <summary>Gets a file from the first of its sources that has it. The caller holds the file's lock.</summary>
internal sealed class Downloader(DownloadOptions options, string root)
{
    /// <summary>Fills the part until it is the complete, right file; says which source completed it.</summary>
    /// <exception cref="ModelUnavailableException">No source had it; the message lists what each answered.</exception>
    public async Task<Uri> DownloadAsync(Wanted wanted, string partialPath, IReadOnlyList<Uri> sources, ProgressMeter meter, CancellationToken cancellation)
    {
        using var http = HttpSource.CreateClient(options);
        var attempt = new DownloadAttempt(
            wanted, root, partialPath, new HttpSource(http, options.TimeProvider, options.MaxRetryAfter), options, meter);
        var answers = new List<string>();
        AttemptFailure? last = null;
        foreach (var source in sources)
        {
            var tries = 0;
            try
            {
                await Retrying(meter).ExecuteAsync(async token =>
                {
                    tries++;
                    await attempt.RunAsync(source, token).ConfigureAwait(false);
                }, cancellation).ConfigureAwait(false);
                return source;
            }
            catch (AttemptFailure failure)
            {
                last = failure;
                answers.Add($"{SourceList.Shown(source)} {failure.Message}{(tries > 1 ? $" (the last of {tries} attempts)" : "")}");
            }
        }
        throw new ModelUnavailableException(
            $"{wanted} could not be had; {answers.Count} {(answers.Count == 1 ? "source was" : "sources were")} tried. {string.Join("; ", answers)}. "
            + "Nothing wrong was kept. Try again later, name a mirror, or import a bundle made on a machine that has the file.", last);
    }

    private ResiliencePipeline Retrying(ProgressMeter meter)
    {
        if (options.MaxAttempts == 1)
            return ResiliencePipeline.Empty;
        return new ResiliencePipelineBuilder { TimeProvider = options.TimeProvider }.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = static outcome => ValueTask.FromResult(outcome.Outcome.Exception is AttemptFailure { MayRetry: true }),
            MaxRetryAttempts = options.MaxAttempts - 1,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = options.RetryDelay,
            MaxDelay = TimeSpan.FromSeconds(30),
            DelayGenerator = static outcome => ValueTask.FromResult((outcome.Outcome.Exception as AttemptFailure)?.RetryAfter),
            OnRetry = outcome =>
            {
                meter.Retrying(outcome.Outcome.Exception?.Message ?? "", outcome.RetryDelay);
                return default;
            },
        }).Build();
    }
}
