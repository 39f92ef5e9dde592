using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Anneal.Zoo;

/// <summary>
/// Asks an <c>http(s):</c> address for a file, or for the rest of one (RFC 9110: ranges in section 14, <c>If-Range</c> in 13.1.5). Redirects
/// are followed here rather than by the handler, so that loops and steps down to plain HTTP are refused by name.
/// </summary>
internal sealed class HttpSource(HttpClient http, TimeProvider time, TimeSpan maxRetryAfter)
{
    private const int MaxRedirects = 10;

    /// <summary>The client for one download: no cookies, no transparent decompression, redirects left to us.</summary>
    public static HttpClient CreateClient(DownloadOptions options)
    {
        var handler = options.Handler ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            Proxy = options.Proxy,
        };
        var http = new HttpClient(handler, disposeHandler: options.Handler is null) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Anneal", typeof(HttpSource).Assembly.GetName().Version?.ToString(3)));
        http.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        return http;
    }

    /// <summary>Gets the headers and the body's stream; it begins at <paramref name="kept"/> only if the version is still that of <paramref name="validator"/>.</summary>
    public async Task<SourceBody> OpenAsync(Uri source, long kept, Validator? validator, IdleClock idle)
    {
        var response = await SendAsync(source, kept, validator, idle).ConfigureAwait(false);
        if (kept > 0 && response.StatusCode != HttpStatusCode.OK && !Continues(response, kept, validator) && IsAboutRange(response))
        {
            response.Dispose();
            kept = 0;
            response = await SendAsync(source, kept, null, idle).ConfigureAwait(false);
        }
        try
        {
            Refuse(response, kept);
            return await BodyAsync(source, response, idle).ConfigureAwait(false);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(Uri source, long kept, Validator? validator, IdleClock idle)
    {
        for (var (address, hops) = (source, 0); ; hops++)
        {
            var response = await SendOnceAsync(address, kept, validator, idle).ConfigureAwait(false);
            if (!IsRedirect(response.StatusCode))
                return response;
            using (response)
                address = Follow(address, response, hops);
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Uri address, long kept, Validator? validator, IdleClock idle)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (kept > 0 && validator is not null)
        {
            request.Headers.Range = new RangeHeaderValue(kept, null);
            request.Headers.TryAddWithoutValidation("If-Range", validator.Value);
        }
        if (address.UserInfo.Length > 0)
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo))));
        try
        {
            return await idle.WatchAsync(token => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), "answer").ConfigureAwait(false);
        }
        catch (HttpRequestException broken)
        {
            throw Explain(broken);
        }
    }

    private static AttemptFailure Explain(HttpRequestException broken)
    {
        var reason = broken.InnerException is { } inner and not HttpRequestException ? $"{broken.Message.TrimEnd('.')}: {inner.Message.TrimEnd('.')}" : broken.Message.TrimEnd('.');
        var isLasting = broken.InnerException is SocketException { SocketErrorCode: SocketError.HostNotFound } or AuthenticationException;
        return isLasting ? AttemptFailure.Lasting($"could not be asked ({reason})", broken) : AttemptFailure.Passing($"could not be asked ({reason})", broken);
    }

    private static bool IsRedirect(HttpStatusCode status) =>
        status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private static Uri Follow(Uri from, HttpResponseMessage response, int hops)
    {
        if (response.Headers.Location is not { } location)
            throw AttemptFailure.Lasting($"answered {Status(response)} without saying where to");
        var to = new Uri(from, location);
        if (hops == MaxRedirects)
            throw AttemptFailure.Lasting($"redirected more than {MaxRedirects} times, last to {SourceList.Shown(to)}");
        if (to.Scheme != Uri.UriSchemeHttp && to.Scheme != Uri.UriSchemeHttps)
            throw AttemptFailure.Lasting($"redirected to {SourceList.Shown(to)}, which is no web address");
        if (from.Scheme == Uri.UriSchemeHttps && to.Scheme == Uri.UriSchemeHttp)
            throw AttemptFailure.Lasting($"redirected from https to plain http ({SourceList.Shown(to)}), which is refused");
        return to;
    }

    // 416 says that the range cannot be had; a 206 that is not the rest of our version is of no use either.
    private static bool IsAboutRange(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.PartialContent;

    private static bool Continues(HttpResponseMessage response, long kept, Validator? validator)
    {
        if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentEncoding.Count > 0)
            return false;
        var isSameVersion = response.Headers.ETag is not { IsWeak: false } tag || validator is not { Value: ['"', ..] } || tag.Tag == validator.Value;
        return isSameVersion && response.Content.Headers.ContentRange is { Unit: "bytes", From: { } from } && from == kept;
    }

    private void Refuse(HttpResponseMessage response, long kept)
    {
        var status = (int)response.StatusCode;
        if (status == 200 || (status == 206 && kept > 0))
            return;
        var answer = $"answered {Status(response)}";
        if (status is not (408 or 429 or >= 500))
            throw AttemptFailure.Lasting(status == 206 ? $"{answer} though the whole file was asked for" : answer);
        var wait = RetryAfter(response);
        if (wait > maxRetryAfter)
            throw AttemptFailure.Lasting($"{answer} and asks to come back in {wait.Value.TotalSeconds:N0} s, at {time.GetUtcNow() + wait.Value:yyyy-MM-dd HH:mm:ss} UTC");
        throw AttemptFailure.Passing(answer, retryAfter: wait);
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter;
        var wait = asked?.Delta ?? (asked?.Date - time.GetUtcNow());
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static string Status(HttpResponseMessage response) =>
        response.ReasonPhrase is { Length: > 0 } phrase ? $"{(int)response.StatusCode} ({phrase})" : $"{(int)response.StatusCode}";

    private static async Task<SourceBody> BodyAsync(Uri source, HttpResponseMessage response, IdleClock idle)
    {
        var stream = await idle.WatchAsync(response.Content.ReadAsStreamAsync, "body").ConfigureAwait(false);
        if (response.Content.Headers.ContentEncoding is { Count: > 0 } encodings)
            return new SourceBody(Decode(stream, encodings), response);
        var range = response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange : null;
        return new SourceBody(stream, response)
        {
            Offset = range?.From ?? 0,
            TotalBytes = range is null ? response.Content.Headers.ContentLength : range.Length,
            Validator = ValidatorOf(source, response),
        };
    }

    // A server that encodes although it was asked not to still holds the right file; its ranges would be those of the encoded form.
    private static Stream Decode(Stream stream, ICollection<string> encodings) => string.Join(",", encodings).ToLowerInvariant() switch
    {
        "identity" => stream,
        "gzip" or "x-gzip" => new GZipStream(stream, CompressionMode.Decompress),
        "br" => new BrotliStream(stream, CompressionMode.Decompress),
        "deflate" => new ZLibStream(stream, CompressionMode.Decompress),
        var other => throw AttemptFailure.Lasting($"sent its body in the encoding '{other}', though it was asked for none"),
    };

    private static Validator? ValidatorOf(Uri source, HttpResponseMessage response)
    {
        var shown = SourceList.Shown(source);
        if (response.Headers.ETag is { IsWeak: false } tag)
            return new Validator(shown, tag.Tag);
        return response.Content.Headers.LastModified is { } modified ? new Validator(shown, modified.ToString("r")) : null;
    }
}
