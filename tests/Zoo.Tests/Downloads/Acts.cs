using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Anneal.Zoo.Tests.Downloads;

/// <summary>What servers do, well and badly.</summary>
internal static class Acts
{
    /// <summary>A good server: ranges, If-Range, a strong validator.</summary>
    public static Act Serve(byte[] body, string? validator = "\"v1\"") => async exchange =>
    {
        var from = Start(exchange, validator);
        await exchange.SendAsync(Head(body, from, validator));
        await exchange.SendAsync(body.AsMemory(from));
    };

    /// <summary>A good server that falls silent for good, or breaks off, when it has sent the byte before <paramref name="at"/>.</summary>
    public static Act ServeUntil(byte[] body, int at, bool stall, string? validator = "\"v1\"") => async exchange =>
    {
        var from = Start(exchange, validator);
        await exchange.SendAsync(Head(body, from, validator));
        await exchange.SendAsync(body.AsMemory(from, Math.Max(0, at - from)));
        if (stall)
            await Task.Delay(Timeout.Infinite, exchange.Stop);
    };

    /// <summary>A good server that sends a little at a time.</summary>
    public static Act Drip(byte[] body, int bytes, TimeSpan pause, string? validator = "\"v1\"") => async exchange =>
    {
        var from = Start(exchange, validator);
        await exchange.SendAsync(Head(body, from, validator));
        foreach (var piece in body.Skip(from).Chunk(bytes))
        {
            await exchange.SendAsync(piece);
            await Task.Delay(pause, exchange.Stop);
        }
    };

    /// <summary>Headers and a body as given, then the end of the connection.</summary>
    public static Act Say(string head, byte[]? body = null) => async exchange =>
    {
        await exchange.SendAsync(head.ReplaceLineEndings("\r\n") + "\r\nConnection: close\r\n\r\n");
        await exchange.SendAsync(body ?? []);
    };

    /// <summary>A whole body of honest length, no ranges, no validator.</summary>
    public static Act Plain(byte[] body) => Say($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}", body);

    /// <summary>A text of honest length.</summary>
    public static Act Text(string text, string type) => Say($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {text.Length}", Encoding.Latin1.GetBytes(text));

    /// <summary>A status, with more header lines.</summary>
    public static Act Status(string status, params string[] headers) => Say($"HTTP/1.1 {string.Join("\r\n", headers.Prepend(status))}\r\nContent-Length: 0");

    /// <summary>Bytes without end.</summary>
    public static Act Endless(string head) => async exchange =>
    {
        await exchange.SendAsync(head.ReplaceLineEndings("\r\n") + "\r\nConnection: close\r\n\r\n");
        var noise = new byte[1 << 16];
        new Random(5).NextBytes(noise);
        while (true)
            await exchange.SendAsync(noise);
    };

    /// <summary>The body gzipped, whatever the client accepts.</summary>
    public static Act Gzip(byte[] body, double part = 1)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(body);
        var bytes = packed.ToArray();
        var sent = bytes[..(int)(bytes.Length * part)];
        return Say($"HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Encoding: gzip\r\nContent-Length: {sent.Length}", sent);
    }

    /// <summary>Nothing but silence.</summary>
    public static async Task Silence(Exchange exchange) => await Task.Delay(Timeout.Infinite, exchange.Stop);

    /// <summary>The end of the connection in the middle of the headers.</summary>
    public static async Task HalfHeaders(Exchange exchange) => await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Le");

    /// <summary>A reset after the request.</summary>
    public static Task Reset(Exchange exchange)
    {
        exchange.Reset();
        return Task.CompletedTask;
    }

    private static int Start(Exchange exchange, string? validator)
    {
        if (validator is null || exchange.Header("Range") is not { } range || exchange.Header("If-Range") != validator)
            return 0;
        return int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
    }

    private static string Head(byte[] body, int from, string? validator)
    {
        var header = validator is null ? "" : validator.StartsWith('"') ? $"ETag: {validator}\r\n" : $"Last-Modified: {validator}\r\n";
        return from == 0
            ? $"HTTP/1.1 200 OK\r\n{header}Content-Length: {body.Length}\r\nConnection: close\r\n\r\n"
            : $"HTTP/1.1 206 Partial Content\r\n{header}Content-Range: bytes {from}-{body.Length - 1}/{body.Length}\r\nContent-Length: {body.Length - from}\r\nConnection: close\r\n\r\n";
    }
}
