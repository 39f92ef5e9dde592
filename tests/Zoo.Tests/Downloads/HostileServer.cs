using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Anneal.Zoo.Tests.Downloads;

/// <summary>What a server does with one request.</summary>
internal delegate Task Act(Exchange exchange);

/// <summary>
/// A web server on the loopback that does to each request what it was told: the n-th act answers the n-th request, the last one all further.
/// It speaks through a bare socket, so that it can be as wrong as it likes.
/// </summary>
internal sealed class HostileServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _exchanges = [];
    private readonly Act[] _acts;
    private readonly Task _accepting;

    public HostileServer(params Act[] acts)
    {
        _acts = acts;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/models/tiny.onnx");
        _accepting = AcceptAsync();
    }

    /// <summary>The address of the file.</summary>
    public Uri Address { get; }

    /// <summary>Every request so far, in order.</summary>
    public ConcurrentQueue<Exchange> Requests { get; } = [];

    /// <summary>The addresses of the requests that came so far, with their ranges.</summary>
    public IEnumerable<string> Ranges => Requests.Select(request => request.Header("Range") ?? "all");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_exchanges);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _exchanges.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                if (await ReadHeadAsync(stream) is not { Length: > 0 } head)
                    return;
                var exchange = new Exchange(client, head, _stop.Token);
                int number;
                lock (_acts)
                {
                    number = Requests.Count;
                    Requests.Enqueue(exchange);
                }
                await _acts[Math.Min(number, _acts.Length - 1)](exchange);
            }
            catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The client went away or the test is over: both are part of the game.
            }
        }
    }

    private async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, _stop.Token) == 1)
            head.Append((char)one[0]);
        return head.ToString();
    }
}

/// <summary>One request and the way to answer it.</summary>
internal sealed class Exchange(TcpClient client, string head, CancellationToken stop)
{
    private long _sent;

    /// <summary>Bytes written so far, headers included.</summary>
    public long SentBytes => Interlocked.Read(ref _sent);

    /// <summary>The path that was asked for.</summary>
    public string Path { get; } = head.Split(' ')[1];

    public CancellationToken Stop => stop;

    /// <summary>A header's value, or null.</summary>
    public string? Header(string name) => head.Split("\r\n").Skip(1)
        .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(line => line[(name.Length + 1)..].Trim()).FirstOrDefault();

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await client.GetStream().WriteAsync(bytes, stop);
        Interlocked.Add(ref _sent, bytes.Length);
    }

    /// <summary>Ends the connection with a reset rather than a goodbye.</summary>
    public void Reset() => client.Client.Close(0);
}
