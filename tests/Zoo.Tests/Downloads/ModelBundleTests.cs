using System.Formats.Tar;
using System.Text;
using Anneal.Onnx;

namespace Anneal.Zoo.Tests.Downloads;

/// <summary>Archives for machines without a network, honest and hostile.</summary>
public sealed class ModelBundleTests
{
    private static readonly byte[] Small = DownloadBench.Noise(5000, seed: 3);
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bundle_brings_models_and_their_entries_to_another_machine()
    {
        using var bench = new DownloadBench();
        var models = await FillAsync(bench);
        await ModelBundle.WriteAsync(bench.Cache, models, bench.Folder["models.tar"], Cancellation);
        var other = new ModelCache(bench.Folder["other"], new() { Offline = true });

        var listed = await ModelBundle.ListAsync(bench.Folder["models.tar"], Cancellation);
        var imported = await ModelBundle.ImportAsync(other, bench.Folder["models.tar"], Cancellation);

        foreach (var result in (IReadOnlyList<BundledModel>[])[listed, imported])
        {
            Assert.Equal(["tiny", "small", "tiny-too"], result.Select(model => model.Name));
            Assert.Equal(models.Select(model => model.File.Sha256), result.Select(model => model.File.Sha256));
            Assert.Equal(models.SelectMany(model => model.File.Sources), result.SelectMany(model => model.File.Sources));
            Assert.Equal(["{\"name\":\"tiny\"}", null, null], result.Select(model => model.CardJson?.Replace(" ", "", StringComparison.Ordinal).ReplaceLineEndings("")));
        }
        Assert.Equal(bench.Bytes, await File.ReadAllBytesAsync(await other.GetAsync(bench.File(), "tiny", Cancellation), Cancellation));
        Assert.EndsWith("tiny.onnx", other.Find(bench.File()), StringComparison.Ordinal);
        Assert.Equal(["tiny", "tiny-too"], other.List().Single(model => model.Sha256 == bench.Sha256).Names);
        Assert.Equal(2, (await other.VerifyAsync(Cancellation)).Count(check => check.IsGood));
        await ModelBundle.ImportAsync(other, bench.Folder["models.tar"], Cancellation);
        Assert.Equal(0, other.RemovePartial());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(other.Root, "partial")));
    }

    [Fact]
    public async Task Two_bundles_of_the_same_models_hold_the_files_once_and_replace_each_other()
    {
        using var bench = new DownloadBench();
        var models = await FillAsync(bench);
        await ModelBundle.WriteAsync(bench.Cache, models, bench.Folder["models.tar"], Cancellation);
        await ModelBundle.WriteAsync(bench.Cache, models, bench.Folder["models.tar"], Cancellation);
        Assert.InRange(new FileInfo(bench.Folder["models.tar"]).Length, 305_000, 312_000);
    }

    [Fact]
    public async Task What_cannot_be_bundled_is_named_and_no_archive_appears()
    {
        using var bench = new DownloadBench();
        var models = await FillAsync(bench);
        await RefuseAsync("A bundle needs at least one model.");
        await RefuseAsync("'tiny' is named twice", models[0], models[0]);
        await RefuseAsync("The catalogue entry of 'tiny' is not JSON", models[0] with { CardJson = "{" });
        await RefuseAsync("is not in the cache", new BundledModel("absent", new(new string('0', 64), 7, [])));
        bench.Bytes[0] ^= 1;
        await File.WriteAllBytesAsync(bench.Cache.Find(models[0].File)!, bench.Bytes, Cancellation);
        await RefuseAsync("has changed since it was verified", models[1], models[0]);

        async Task RefuseAsync(string said, params BundledModel[] chosen)
        {
            var error = await Assert.ThrowsAnyAsync<AnnealException>(() => ModelBundle.WriteAsync(bench.Cache, chosen, bench.Folder["models.tar"], Cancellation));
            Assert.Contains(said, error.Message, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFiles(bench.Folder.Path));
        }
    }

    private static readonly string Sha = DownloadBench.Digest(Small);

    /// <summary>Archives that were made to do harm, or were harmed, and what the refusal says.</summary>
    private static readonly Dictionary<string, (Func<byte[]> Archive, string Said)> Hostile = new()
    {
        ["no archive"] = (() => Encoding.ASCII.GetBytes("hello"), "it is no tar archive, or is cut off"),
        ["noise"] = (() => DownloadBench.Noise(10_000, 4), "it is no tar archive, or is cut off"),
        ["nothing"] = (() => [], "it does not begin with anneal-bundle.json"),
        ["another archive"] = (() => Tar(("readme.txt", TarEntryType.RegularFile, [1])), "it does not begin with anneal-bundle.json"),
        ["manifest as a link"] = (() => Tar(("anneal-bundle.json", TarEntryType.SymbolicLink, null)), "it does not begin with anneal-bundle.json"),
        ["manifest of noise"] = (() => Tar(Json("}")), "its manifest cannot be read"),
        ["manifest without members"] = (() => Tar(Json("{}")), "its manifest cannot be read"),
        ["manifest of null"] = (() => Tar(Json("null")), "its manifest is of another kind"),
        ["manifest of another version"] = (() => Tar(Json(Manifest().Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal))), "its manifest is of another kind"),
        ["digest that climbs"] = (() => Tar(Json(Manifest(sha: "../../../../etc/passwd"))), "its manifest states no valid name, digest, size or sources for 'small'"),
        ["digest in capitals"] = (() => Tar(Json(Manifest(sha: Sha.ToUpperInvariant()))), "no valid name, digest"),
        ["negative size"] = (() => Tar(Json(Manifest(size: -1))), "no valid name, digest, size"),
        ["source that is no address"] = (() => Tar(Json(Manifest(source: "models/x"))), "no valid name, digest, size or sources"),
        ["file missing"] = (() => Tar(Json(Manifest())), $"it ends before blobs/sha256/{Sha}"),
        ["wrong bytes"] = (() => Tar(Json(Manifest()), Blob([.. Small[1..], 0])), $"'small' is another file: expected sha256 {Sha}, received "),
        ["other length"] = (() => Tar(Json(Manifest()), Blob(Small[1..])), "has 4,999 bytes; its manifest announces 5,000"),
        ["extra file"] = (() => Tar(Json(Manifest()), Blob(Small), ("extra", TarEntryType.RegularFile, [1])), "it holds 'extra', which its manifest does not announce"),
        ["same file twice"] = (() => Tar(Json(Manifest()), Blob(Small), Blob(Small)), "which its manifest does not announce"),
        ["path that climbs"] = (() => Tar(Json(Manifest()), ("../../escape", TarEntryType.RegularFile, Small)), "it holds '../../escape' where its manifest announces"),
        ["absolute path"] = (() => Tar(Json(Manifest()), ("/tmp/escape", TarEntryType.RegularFile, Small)), "it holds '/tmp/escape' where its manifest announces"),
        ["symbolic link"] = (() => Tar(Json(Manifest(size: 0)), ($"blobs/sha256/{Sha}", TarEntryType.SymbolicLink, null)), "is a SymbolicLink instead of a file"),
        ["hard link"] = (() => Tar(Json(Manifest(size: 0)), ($"blobs/sha256/{Sha}", TarEntryType.HardLink, null)), "is a HardLink instead of a file"),
        ["folder"] = (() => Tar(Json(Manifest(size: 0)), ($"blobs/sha256/{Sha}", TarEntryType.Directory, null)), "refused"),
        ["cut off in the file"] = (() => Tar(Json(Manifest()), Blob(Small))[..4000], "is cut off"),
        ["cut off in a header"] = (() => Tar(Json(Manifest()), Blob(Small))[..2700], "is cut off"),
        ["damaged header"] = (() => Spoil(Tar(Json(Manifest()), Blob(Small)), 10), "it does not begin with anneal-bundle.json"),
    };

    public static TheoryData<string> HostileCases => [.. Hostile.Keys];

    [Theory]
    [MemberData(nameof(HostileCases))]
    public async Task A_hostile_archive_is_refused_whole(string name)
    {
        using var bench = new DownloadBench();
        var path = bench.Folder["hostile.tar"];
        await File.WriteAllBytesAsync(path, Hostile[name].Archive(), Cancellation);

        var error = await Assert.ThrowsAsync<AnnealException>(() => ModelBundle.ImportAsync(bench.Cache, path, Cancellation));

        Assert.StartsWith($"The bundle {path} is refused: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(Hostile[name].Said, error.Message, StringComparison.Ordinal);
        Assert.Empty(bench.Cache.List());
        Assert.Equal([path], Directory.EnumerateFiles(bench.Folder.Path, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_honest_archive_of_these_cases_is_taken()
    {
        using var bench = new DownloadBench();
        await File.WriteAllBytesAsync(bench.Folder["honest.tar"], Tar(Json(Manifest()), Blob(Small)), Cancellation);
        Assert.Equal("small", Assert.Single(await ModelBundle.ImportAsync(bench.Cache, bench.Folder["honest.tar"], Cancellation)).Name);
        Assert.Equal("small.onnx", Path.GetFileName(Assert.Single(bench.Cache.List()).Path));
    }

    [Fact]
    public async Task An_archive_that_is_not_there_is_named()
    {
        using var bench = new DownloadBench();
        var error = await Assert.ThrowsAsync<AnnealException>(() => ModelBundle.ImportAsync(bench.Cache, bench.Folder["absent.tar"], Cancellation));
        Assert.Contains("absent.tar cannot be opened", error.Message, StringComparison.Ordinal);
    }

    private static async Task<BundledModel[]> FillAsync(DownloadBench bench)
    {
        await using var server = new HostileServer(Acts.Serve(bench.Bytes), Acts.Serve(Small));
        await bench.FetchAsync(server.Address);
        var small = new ModelFile(Sha, Small.Length, [server.Address]);
        await bench.Cache.GetAsync(small, "small", Cancellation);
        var tiny = bench.File(server.Address);
        return [new("tiny", tiny, "{ \"name\": \"tiny\" }"), new("small", small), new("tiny-too", tiny)];
    }

    private static string Manifest(string? sha = null, long size = 5000, string source = "https://host.example/small.onnx") =>
        $$"""{"format":"anneal-bundle","version":1,"models":[{"name":"small","sha256":"{{sha ?? Sha}}","sizeBytes":{{size}},"sources":["{{source}}"],"card":null}]}""";

    private static (string, TarEntryType, byte[]?) Json(string text) => ("anneal-bundle.json", TarEntryType.RegularFile, Encoding.UTF8.GetBytes(text));

    private static (string, TarEntryType, byte[]?) Blob(byte[] bytes) => ($"blobs/sha256/{Sha}", TarEntryType.RegularFile, bytes);

    private static byte[] Tar(params (string Name, TarEntryType Type, byte[]? Bytes)[] entries)
    {
        using var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true))
            foreach (var (name, type, bytes) in entries)
                tar.WriteEntry(Entry(name, type, bytes));
        return archive.ToArray();
    }

    private static UstarTarEntry Entry(string name, TarEntryType type, byte[]? bytes)
    {
        var entry = new UstarTarEntry(type, name);
        if (bytes is not null)
            entry.DataStream = new MemoryStream(bytes);
        if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
            entry.LinkName = "/etc/passwd";
        return entry;
    }

    private static byte[] Spoil(byte[] archive, int at)
    {
        archive[at] ^= 0x55;
        return archive;
    }
}
