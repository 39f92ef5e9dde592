using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>
/// Models with their catalogue entries in one archive, for machines without a network: a plain tar (POSIX.1-2001) whose first entry
/// <c>anneal-bundle.json</c> says what follows, then one entry <c>blobs/sha256/DIGEST</c> for each different file, in the order of the manifest.
/// Reading is strict: an entry that the manifest does not announce, at that place, refuses the whole archive, and nothing of it is kept.
/// </summary>
public static class ModelBundle
{
    private const string ManifestName = "anneal-bundle.json";
    private const int MaxManifestBytes = 16 << 20;

    /// <summary>Writes models that are in the cache into one archive; each file is hashed on the way. The archive appears whole or not at all.</summary>
    /// <param name="cache">The cache that holds them.</param>
    /// <param name="models">The models; two may be the same file under two names.</param>
    /// <param name="path">The archive to write; one that is there is replaced.</param>
    /// <param name="cancellation">Stops; the archive is then not written.</param>
    /// <exception cref="ModelUnavailableException">A model is not in the cache, or its bytes have changed.</exception>
    /// <exception cref="AnnealException">There is nothing to write, a name comes twice, or a catalogue entry is not JSON.</exception>
    public static Task WriteAsync(ModelCache cache, IReadOnlyList<BundledModel> models, string path, CancellationToken cancellation = default)
    {
        var manifest = Manifest(models);
        var files = models.Select(model => (Wanted: Wanted.From(model.File, model.Name), Path: Require(cache, model))).DistinctBy(file => file.Wanted.Sha256).ToList();
        return Task.Run(() => AtomicFile.Write(path, stream =>
        {
            using var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, ManifestName)
            {
                DataStream = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, CacheJson.Default.BundleManifest)),
            });
            foreach (var file in files)
                WriteBlob(tar, file.Wanted, file.Path, cancellation);
        }), cancellation);
    }

    /// <summary>Brings every model of an archive into the cache, each verified against its digest, all of them or none.</summary>
    /// <returns>The models with their catalogue entries.</returns>
    /// <exception cref="AnnealException">The archive is no bundle, is cut off, or holds anything but what its manifest announces.</exception>
    public static async Task<IReadOnlyList<BundledModel>> ImportAsync(ModelCache cache, string path, CancellationToken cancellation = default)
    {
        await using var archive = OpenArchive(path);
        var (staging, held) = DiskTrouble.Guard(cache.Root, path, archive.Length, cache.BeginImport);
        try
        {
            var models = await StageAsync(archive, path, cache.Root, staging, cancellation).ConfigureAwait(false);
            foreach (var model in models)
            {
                var wanted = Wanted.From(model.File, model.Name);
                await cache.AdmitAsync(Path.Combine(staging, wanted.Sha256), wanted, ModelCacheLayout.FileName(model.File.Sources, model.Name), cancellation).ConfigureAwait(false);
            }
            return models;
        }
        finally
        {
            cache.EndImport(staging, held);
        }
    }

    /// <summary>What an archive holds, by its manifest alone.</summary>
    /// <exception cref="AnnealException">The archive is no bundle.</exception>
    public static async Task<IReadOnlyList<BundledModel>> ListAsync(string path, CancellationToken cancellation = default)
    {
        await using var archive = OpenArchive(path);
        await using var tar = new TarReader(archive, leaveOpen: true);
        return await ReadManifestAsync(tar, path, cancellation).ConfigureAwait(false);
    }

    private static BundleManifest Manifest(IReadOnlyList<BundledModel> models)
    {
        if (models.Count == 0)
            throw new AnnealException("A bundle needs at least one model.");
        if (models.GroupBy(model => model.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new AnnealException($"The model '{twice.Key}' is named twice for one bundle.");
        return new BundleManifest(BundleManifest.FormatName, 1, [.. models.Select(Entry)]);
    }

    private static BundleEntry Entry(BundledModel model)
    {
        var wanted = Wanted.From(model.File, model.Name);
        try
        {
            var card = model.CardJson is null ? (JsonElement?)null : JsonElement.Parse(model.CardJson);
            return new BundleEntry(model.Name, wanted.Sha256, model.File.SizeBytes, [.. model.File.Sources.Select(SourceList.Shown)], card);
        }
        catch (JsonException notJson)
        {
            throw new AnnealException($"The catalogue entry of '{model.Name}' is not JSON: {notJson.Message}", notJson);
        }
    }

    private static string Require(ModelCache cache, BundledModel model) => cache.Find(model.File)
        ?? throw new ModelUnavailableException($"{Wanted.From(model.File, model.Name)} is not in the cache {cache.Root}; fetch it first, then write the bundle.");

    private static void WriteBlob(TarWriter tar, Wanted wanted, string path, CancellationToken cancellation)
    {
        using var file = new HashingStream(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan), cancellation);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, BlobName(wanted.Sha256)) { DataStream = file });
        if (file.Digest() is var received && received != wanted.Sha256)
            throw new ModelUnavailableException(
                $"{wanted.What}: the cached file {path} has changed since it was verified: expected sha256 {wanted.Sha256}, received {received}. Remove it, fetch it anew, then write the bundle.");
    }

    private static FileStream OpenArchive(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception trouble) when (DiskTrouble.Is(trouble))
        {
            throw new AnnealException($"The bundle {path} cannot be opened: {trouble.Message}", trouble);
        }
    }

    private static async Task<IReadOnlyList<BundledModel>> StageAsync(FileStream archive, string path, string root, string staging, CancellationToken cancellation)
    {
        await using var tar = new TarReader(archive, leaveOpen: true);
        var models = await ReadManifestAsync(tar, path, cancellation).ConfigureAwait(false);
        foreach (var model in models.DistinctBy(model => model.File.Sha256))
        {
            var entry = await NextAsync(tar, path, cancellation).ConfigureAwait(false)
                ?? throw Refused(path, $"it ends before {BlobName(model.File.Sha256)}, which its manifest announces");
            CheckEntry(entry, model, path);
            var digest = await StageBlobAsync(entry, Path.Combine(staging, model.File.Sha256), root, path, cancellation).ConfigureAwait(false);
            if (digest != model.File.Sha256)
                throw Refused(path, $"'{model.Name}' is another file: expected sha256 {model.File.Sha256}, received {digest}");
        }
        if (await NextAsync(tar, path, cancellation).ConfigureAwait(false) is { } extra)
            throw Refused(path, $"it holds '{extra.Name}', which its manifest does not announce");
        return models;
    }

    private static async Task<IReadOnlyList<BundledModel>> ReadManifestAsync(TarReader tar, string path, CancellationToken cancellation)
    {
        var entry = await NextAsync(tar, path, cancellation).ConfigureAwait(false);
        if (entry is not { EntryType: TarEntryType.RegularFile, Name: ManifestName, DataStream: { } data, Length: > 0 and <= MaxManifestBytes })
            throw Refused(path, $"it does not begin with {ManifestName}");
        try
        {
            var manifest = await JsonSerializer.DeserializeAsync(data, CacheJson.Default.BundleManifest, cancellation).ConfigureAwait(false);
            if (manifest is not { Format: BundleManifest.FormatName, Version: 1, Models.Count: > 0 })
                throw Refused(path, $"its manifest is of another kind; expected {BundleManifest.FormatName} version 1 with at least one model");
            return [.. manifest.Models.Select(model => Checked(model, path))];
        }
        catch (Exception garbled) when (garbled is JsonException or IOException)
        {
            throw Refused(path, $"its manifest cannot be read ({garbled.Message})", garbled);
        }
    }

    private static BundledModel Checked(BundleEntry entry, string path)
    {
        var isDigest = entry.Sha256 is { Length: 64 } && entry.Sha256.All(char.IsAsciiHexDigitLower);
        if (string.IsNullOrWhiteSpace(entry.Name) || !isDigest || entry.SizeBytes < 0 || !entry.Sources.All(source => Uri.IsWellFormedUriString(source, UriKind.Absolute)))
            throw Refused(path, $"its manifest states no valid name, digest, size or sources for '{entry.Name}'");
        return new BundledModel(entry.Name, new ModelFile(entry.Sha256, entry.SizeBytes, [.. entry.Sources.Select(source => new Uri(source))]), entry.Card?.GetRawText());
    }

    private static async Task<TarEntry?> NextAsync(TarReader tar, string path, CancellationToken cancellation)
    {
        try
        {
            return await tar.GetNextEntryAsync(copyData: false, cancellation).ConfigureAwait(false);
        }
        catch (Exception garbled) when (garbled is IOException or InvalidDataException or FormatException or ArgumentException)
        {
            throw Refused(path, $"it is no tar archive, or is cut off ({garbled.Message.TrimEnd('.')})", garbled);
        }
    }

    private static void CheckEntry(TarEntry entry, BundledModel model, string path)
    {
        if (entry.Name != BlobName(model.File.Sha256))
            throw Refused(path, $"it holds '{entry.Name}' where its manifest announces {BlobName(model.File.Sha256)}");
        if (entry.EntryType is not TarEntryType.RegularFile)
            throw Refused(path, $"'{entry.Name}' is a {entry.EntryType} instead of a file");
        if (model.File.SizeBytes > 0 && entry.Length != model.File.SizeBytes)
            throw Refused(path, $"'{entry.Name}' has {entry.Length:N0} bytes; its manifest announces {model.File.SizeBytes:N0}");
    }

    private static async Task<string> StageBlobAsync(TarEntry entry, string to, string root, string path, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = DiskTrouble.Guard(root, path, entry.Length, () => new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0));
        var buffer = new byte[1 << 17];
        var left = entry.Length;
        for (int read; (read = await ReadAsync(entry, buffer, path, cancellation).ConfigureAwait(false)) > 0; left -= read)
        {
            hash.AppendData(buffer, 0, read);
            DiskTrouble.Guard(root, path, left, () => file.Write(buffer, 0, read));
        }
        if (left > 0)
            throw Refused(path, $"it is cut off in '{entry.Name}'");
        DiskTrouble.Guard(root, path, 0, () => file.Flush(flushToDisk: true));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static async Task<int> ReadAsync(TarEntry entry, byte[] buffer, string path, CancellationToken cancellation)
    {
        try
        {
            return entry.DataStream is { } data ? await data.ReadAsync(buffer, cancellation).ConfigureAwait(false) : 0;
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException)
        {
            throw Refused(path, $"it is cut off in '{entry.Name}'", broken);
        }
    }

    private static string BlobName(string sha256) => $"blobs/sha256/{sha256}";

    private static AnnealException Refused(string path, string why, Exception? cause = null) =>
        new($"The bundle {path} is refused: {why}. Nothing of it was kept; copy it again, or make it anew.", cause);
}
