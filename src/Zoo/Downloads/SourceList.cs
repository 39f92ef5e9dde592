using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>The addresses of a file in the order to try them, mirrors put in.</summary>
internal static class SourceList
{
    /// <summary>Sources, then mirrors (or the other way round); only those that need no network when it is off.</summary>
    public static IReadOnlyList<Uri> For(Wanted wanted, IReadOnlyList<Uri> sources, DownloadOptions options, bool offline)
    {
        foreach (var source in sources)
            CheckSource(source, wanted.What);
        var mirrors = options.Mirrors.SelectMany(mirror => sources.Where(source => !source.IsFile).Select(source => Mirror(mirror, source, wanted.Sha256)));
        var all = options.MirrorsFirst ? mirrors.Concat(sources) : sources.Concat(mirrors);
        return [.. all.Where(source => source.IsFile || !offline).Distinct()];
    }

    /// <summary>Refuses a mirror that does not give an address.</summary>
    public static void CheckMirror(string mirror)
    {
        var example = Fill(mirror, new Uri("https://host.example/path/name.onnx"), new string('0', 64));
        if (!Uri.TryCreate(example, UriKind.Absolute, out var uri) || !IsKnown(uri) || example.Contains('{', StringComparison.Ordinal))
            throw new AnnealException(
                $"The mirror '{mirror}' is no address: expected a base such as https://mirror.example/onnx/, or a template with {{host}}, {{path}}, {{name}} or {{sha256}} in it.");
    }

    /// <summary>An address without the password that may be in it.</summary>
    public static string Shown(Uri source) =>
        source.UserInfo.Length == 0 ? source.AbsoluteUri : source.AbsoluteUri.Replace(source.UserInfo + "@", "", StringComparison.Ordinal);

    private static void CheckSource(Uri source, string what)
    {
        if (!source.IsAbsoluteUri || !IsKnown(source))
            throw new AnnealException($"{what}: the source '{source.OriginalString}' cannot be used; expected an https:, http: or file: address.");
    }

    private static bool IsKnown(Uri uri) => uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp || uri.IsFile;

    private static Uri Mirror(string mirror, Uri source, string sha256) => new(Fill(mirror, source, sha256));

    private static string Fill(string mirror, Uri source, string sha256)
    {
        if (!mirror.Contains('{', StringComparison.Ordinal))
            return $"{mirror.TrimEnd('/')}{source.PathAndQuery}";
        var path = source.AbsolutePath.TrimStart('/');
        return mirror
            .Replace("{host}", source.Host, StringComparison.Ordinal)
            .Replace("{path}", path, StringComparison.Ordinal)
            .Replace("{name}", path[(path.LastIndexOf('/') + 1)..], StringComparison.Ordinal)
            .Replace("{sha256}", sha256, StringComparison.Ordinal);
    }
}
