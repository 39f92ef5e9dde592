using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>
/// Model files on this machine, known by their digests. A file appears in it only complete and verified; any number of processes and threads
/// may use one cache at once, and one of them downloads while the others wait. On a hit nothing is written, so a cache may be read-only.
/// </summary>
public sealed class ModelCache
{
    private readonly ModelCacheLayout _layout;
    private readonly DownloadOptions _options;

    /// <summary>A cache in <paramref name="root"/>, or in <c>ANNEAL_HOME</c>, or in <c>anneal</c> under the platform's folder for caches.</summary>
    /// <exception cref="AnnealException">An option is out of its range, or there is no home folder.</exception>
    public ModelCache(string? root = null, DownloadOptions? options = null)
    {
        _options = options ?? DownloadOptions.Default;
        _options.Validate();
        _layout = new ModelCacheLayout(root is null ? ModelCacheLocation.Current() : Path.GetFullPath(root));
    }

    /// <summary>The folder of the cache. It is made when the first file comes.</summary>
    public string Root => _layout.Root;

    /// <summary>
    /// The full path of a cached file, or null. The check is cheap (the length); <see cref="CheckAsync"/> reads every byte.
    /// </summary>
    public string? Find(ModelFile file) => Find(Wanted.From(file, "the model"));

    /// <summary>The full path of the complete, verified file; it is downloaded, or copied out of its assembly, when it is not there.</summary>
    /// <param name="file">Digest, size (0 when it is not known) and sources.</param>
    /// <param name="what">What it is called in messages, progress and lists, such as <c>resnet101</c>.</param>
    /// <param name="cancellation">Stops at once; what has come is kept and resumed the next time.</param>
    /// <exception cref="ModelUnavailableException">It could not be had; the message lists every source with what it answered.</exception>
    public async Task<string> GetAsync(ModelFile file, string what, CancellationToken cancellation = default)
    {
        var wanted = Wanted.From(file, what);
        if (Find(wanted) is { } there)
            return there;
        if (file.IsEmbedded)
            return await CopyEmbeddedAsync(file, wanted, cancellation).ConfigureAwait(false);
        var sources = Sources(wanted, file.Sources);
        var meter = new ProgressMeter(what, _options);
        OnDisk(what, _layout.Create);
        using var held = await LockAsync(wanted, meter.Waiting, cancellation).ConfigureAwait(false);
        if (Find(wanted) is { } fetchedMeanwhile)
            return fetchedMeanwhile;
        await DiscardBrokenAsync(wanted, cancellation).ConfigureAwait(false);
        var partial = _layout.Partial(wanted.Sha256);
        var source = await DownloadAsync(wanted, partial, sources, meter, cancellation).ConfigureAwait(false);
        return OnDisk(what, () => Publish(wanted, file.Sources, source, meter));
    }

    /// <summary>Hashes a cached file in full, which may run while the file is being loaded.</summary>
    /// <exception cref="ModelUnavailableException">It is not cached, or its bytes have changed; then it is removed, so that the next <see cref="GetAsync"/> fetches it anew.</exception>
    public async Task CheckAsync(ModelFile file, string what, CancellationToken cancellation = default)
    {
        var wanted = Wanted.From(file, what);
        var path = Find(wanted) ?? throw new ModelUnavailableException($"{wanted} is not in the cache {Root}.");
        var received = await HashAsync(path, what, cancellation).ConfigureAwait(false);
        if (received == wanted.Sha256)
            return;
        await RemoveAsync(wanted.Sha256, cancellation).ConfigureAwait(false);
        throw new ModelUnavailableException(
            $"{what}: the cached file {path} has changed since it was verified: expected sha256 {wanted.Sha256}, received {received}. It was removed; load it again to fetch it anew.");
    }

    /// <summary>All cached files, by digest.</summary>
    public IReadOnlyList<CachedModel> List() => OnDisk("its list", () => _layout.All()
        .Select(blob => UnlessRemoved(() => Describe(blob.Sha256, blob.File))).OfType<CachedModel>().ToList());

    /// <summary>All downloads that were cut off, or are under way in another process.</summary>
    public IReadOnlyList<PartialDownload> ListPartial() => OnDisk("its list", () => _layout.AllPartials()
        .Select(part => UnlessRemoved(() => Describe(part))).OfType<PartialDownload>().ToList());

    /// <summary>Hashes every cached file anew; one whose bytes have changed is removed.</summary>
    public async Task<IReadOnlyList<CacheCheck>> VerifyAsync(CancellationToken cancellation = default)
    {
        var checks = new List<CacheCheck>();
        foreach (var model in List())
        {
            var check = new CacheCheck(model, await HashAsync(model.Path, model.Names[0], cancellation).ConfigureAwait(false));
            if (!check.IsGood)
                await RemoveAsync(model.Sha256, cancellation).ConfigureAwait(false);
            checks.Add(check);
        }
        return checks;
    }

    /// <summary>Removes one file, after a download of it that may be under way; says how many bytes that freed, 0 when it was not there.</summary>
    public async Task<long> RemoveAsync(string sha256, CancellationToken cancellation = default)
    {
        var wanted = Wanted.From(new ModelFile(sha256, 0, []), "the model to remove");
        if (_layout.Blob(wanted.Sha256) is null)
            return 0;
        OnDisk(wanted.What, _layout.Create);
        using var held = await LockAsync(wanted, null, cancellation).ConfigureAwait(false);
        return OnDisk(wanted.What, () => _layout.Remove(wanted.Sha256));
    }

    /// <summary>Removes every cached file and every download that is not under way; says how many bytes that freed.</summary>
    public async Task<long> RemoveAllAsync(CancellationToken cancellation = default)
    {
        var bytes = RemovePartial();
        foreach (var model in List())
            bytes += await RemoveAsync(model.Sha256, cancellation).ConfigureAwait(false);
        return bytes;
    }

    /// <summary>Removes every download that was cut off; those under way in some process stay. Says how many bytes that freed.</summary>
    public long RemovePartial() => !Directory.Exists(Root) ? 0 : OnDisk("unfinished downloads", () =>
    {
        _layout.Create();
        return _layout.AllPartials().ToList().Sum(part => RemovePartial(part.Sha256, part.File)) + _layout.AllImports().ToList().Sum(RemoveImport);
    });

    /// <summary>A folder for files on their way into the cache, locked as long as the import lives.</summary>
    internal (string Folder, IDisposable Held) BeginImport()
    {
        _layout.Create();
        var name = $"{ModelCacheLayout.ImportPrefix}{Guid.NewGuid():N}";
        var held = FileLock.TryAcquire(_layout.Lock(name)) ?? throw new IOException($"{_layout.Lock(name)} is held by someone else.");
        return (Directory.CreateDirectory(_layout.Partial(name)).FullName, held);
    }

    /// <summary>Ends an import: what is left of its folder is removed.</summary>
    internal void EndImport(string folder, IDisposable held)
    {
        Directory.Delete(folder, recursive: true);
        held.Dispose();
        File.Delete(_layout.Lock(Path.GetFileName(folder)));
    }

    /// <summary>Brings a complete file, whose digest the caller has just computed, into the cache; moves it away from where it was.</summary>
    internal async Task<CachedModel> AdmitAsync(string from, Wanted wanted, string fileName, CancellationToken cancellation)
    {
        OnDisk(wanted.What, _layout.Create);
        using var held = await LockAsync(wanted, null, cancellation).ConfigureAwait(false);
        return OnDisk(wanted.What, () =>
        {
            if (Find(wanted) is not null)
            {
                var there = _layout.Blob(wanted.Sha256)!;
                ModelCacheLayout.Rewrite(there, Record(wanted, there.Length, null));
                return Describe(wanted.Sha256, there);
            }
            _layout.Remove(wanted.Sha256);
            _layout.Publish(from, wanted.Sha256, fileName, Record(wanted, new FileInfo(from).Length, null));
            return Describe(wanted.Sha256, _layout.Blob(wanted.Sha256)!);
        });
    }

    private string? Find(Wanted wanted) => OnDisk(wanted.What, () => UnlessRemoved(() =>
    {
        if (_layout.Blob(wanted.Sha256) is not { } blob)
            return null;
        return blob.Length == (wanted.SizeBytes ?? ModelCacheLayout.Record(blob).SizeBytes) ? blob.FullName : null;
    }));

    // Another process may remove a file between two looks at it: then it is not there, which is no error.
    private static T? UnlessRemoved<T>(Func<T?> look) where T : class
    {
        try
        {
            return look();
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private async Task<string> HashAsync(string path, string what, CancellationToken cancellation)
    {
        try
        {
            return await FileDigest.ComputeAsync(path, cancellation).ConfigureAwait(false);
        }
        catch (Exception trouble) when (DiskTrouble.Is(trouble))
        {
            throw DiskTrouble.Explain(Root, what, 0, trouble);
        }
    }

    // A file inside an assembly is loaded as it is; it comes here only for those who need a path.
    private async Task<string> CopyEmbeddedAsync(ModelFile file, Wanted wanted, CancellationToken cancellation)
    {
        var bytes = file.ReadEmbedded(wanted.What);
        var (staging, held) = DiskTrouble.Guard(Root, wanted.What, bytes.Length, BeginImport);
        try
        {
            var path = Path.Combine(staging, wanted.Sha256);
            DiskTrouble.Guard(Root, wanted.What, bytes.Length, () => AtomicFile.Write(path, stream => stream.Write(bytes)));
            return (await AdmitAsync(path, wanted, ModelCacheLayout.FileName(file.Sources, wanted.What), cancellation).ConfigureAwait(false)).Path;
        }
        finally
        {
            EndImport(staging, held);
        }
    }

    private IReadOnlyList<Uri> Sources(Wanted wanted, IReadOnlyList<Uri> given)
    {
        var offline = OfflineSetting.Find(_options, Environment.GetEnvironmentVariable);
        var sources = SourceList.For(wanted, given, _options, offline is not null);
        if (sources.Count > 0)
            return sources;
        if (offline is null)
            throw new ModelUnavailableException($"{wanted} is not in the cache {Root}, and no source for it is given.");
        var online = SourceList.For(wanted, given, _options, offline: false).Select(SourceList.Shown);
        throw new ModelUnavailableException(
            $"{wanted} is not in the cache {Root}, and the network is off ({offline}). It would come from {string.Join(", ", online)}. "
            + "Fetch it once with the network on, import a bundle made on a machine that has it, or set ANNEAL_HOME to a cache that holds it.");
    }

    private async Task<Uri> DownloadAsync(Wanted wanted, string partial, IReadOnlyList<Uri> sources, ProgressMeter meter, CancellationToken cancellation)
    {
        try
        {
            return await new Downloader(_options, Root).DownloadAsync(wanted, partial, sources, meter, cancellation).ConfigureAwait(false);
        }
        catch
        {
            OnDisk(wanted.What, () => PartialFile.DeleteUnlessResumable(partial));
            throw;
        }
    }

    private async Task<FileLock> LockAsync(Wanted wanted, Action? waiting, CancellationToken cancellation)
    {
        try
        {
            return await FileLock.AcquireAsync(_layout.Lock(wanted.Sha256), waiting, cancellation).ConfigureAwait(false);
        }
        catch (Exception trouble) when (DiskTrouble.Is(trouble))
        {
            throw DiskTrouble.Explain(Root, wanted.What, 0, trouble);
        }
    }

    // A file of another length than asked for: either it was damaged, or it is whole and the one who asks is wrong about the length.
    private async Task DiscardBrokenAsync(Wanted wanted, CancellationToken cancellation)
    {
        if (_layout.Blob(wanted.Sha256) is not { } blob)
            return;
        if (await HashAsync(blob.FullName, wanted.What, cancellation).ConfigureAwait(false) == wanted.Sha256)
            throw new AnnealException($"{wanted}: the file with this digest has {blob.Length:N0} bytes ({blob.FullName}). Correct the size in the card.");
        OnDisk(wanted.What, () => _layout.Remove(wanted.Sha256));
    }

    private string Publish(Wanted wanted, IReadOnlyList<Uri> sources, Uri source, ProgressMeter meter)
    {
        var partial = _layout.Partial(wanted.Sha256);
        var size = new FileInfo(partial).Length;
        var path = _layout.Publish(partial, wanted.Sha256, ModelCacheLayout.FileName(sources, wanted.What), Record(wanted, size, SourceList.Shown(source)));
        PartialFile.Delete(partial);
        meter.Complete(size);
        return path;
    }

    private BlobRecord Record(Wanted wanted, long sizeBytes, string? source)
    {
        var now = _options.TimeProvider.GetUtcNow();
        if (_layout.Blob(wanted.Sha256) is not { } blob)
            return new BlobRecord([wanted.What], sizeBytes, source, now);
        var old = ModelCacheLayout.Record(blob);
        return old with { Names = [.. old.Names.Append(wanted.What).Distinct()], SizeBytes = sizeBytes };
    }

    private static CachedModel Describe(string sha256, FileInfo file)
    {
        var record = ModelCacheLayout.Record(file);
        return new CachedModel(sha256, file.Length, record.Names, file.FullName, record.Source, record.AddedAt);
    }

    private static PartialDownload Describe((string Sha256, FileInfo File) part) =>
        new(part.Sha256, part.File.Length, PartialFile.ReadValidator(part.File.FullName)?.Source);

    private long RemovePartial(string sha256, FileInfo file)
    {
        using var held = FileLock.TryAcquire(_layout.Lock(sha256));
        if (held is null)
            return 0;
        var bytes = file.Length;
        PartialFile.Delete(file.FullName);
        return bytes;
    }

    private long RemoveImport(DirectoryInfo folder)
    {
        if (FileLock.TryAcquire(_layout.Lock(folder.Name)) is not { } held)
            return 0;
        var bytes = folder.EnumerateFiles().Sum(file => file.Length);
        EndImport(folder.FullName, held);
        return bytes;
    }

    private T OnDisk<T>(string what, Func<T> work) => DiskTrouble.Guard(Root, what, 0, work);

    private void OnDisk(string what, Action work) => DiskTrouble.Guard(Root, what, 0, work);
}
