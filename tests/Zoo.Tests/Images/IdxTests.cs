using System.IO.Compression;
using Anneal.Zoo.Images;

namespace Anneal.Zoo.Tests.Images;

/// <summary>MNIST's files, and others that claim to be such.</summary>
public sealed class IdxTests
{
    private static readonly byte[] TwoPictures = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];

    [Theory, InlineData(false), InlineData(true)]
    public void Pictures_are_read_plain_and_packed(bool isPacked)
    {
        var idx = Read(isPacked ? Pack(TwoPictures) : TwoPictures);
        using var picture = idx.Picture(1);
        Assert.Equal((IdxType.UInt8, 3, 1, 1), (idx.Type, picture.Width, picture.Height, picture.Channels));
        Assert.Equal<byte>([4, 4, 4, 5, 5, 5, 6, 6, 6], ByteSink.Rgb24(picture));
    }

    [Fact]
    public void Labels_and_numbers_are_read()
    {
        Assert.Equal<byte>([7, 9], Read([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]).Labels.ToArray());
        Assert.Equal(IdxType.Float64, Read([0, 0, 14, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]).Type);
    }

    [Theory]
    [InlineData("", "no IDX file")]
    [InlineData("01000801", "no IDX file")]
    [InlineData("00000A0100000001", "type 0x0A")]
    [InlineData("00000800", "0 extents")]
    [InlineData("000008FF", "255 extents")]
    [InlineData("0000080300000001", "cut off: it ends within its header")]
    [InlineData("000008037FFFFFFF7FFFFFFF7FFFFFFF", "more than the")]
    [InlineData("00000801FFFFFFFF", "more than the")]
    [InlineData("000008010000000301020304", "longer than its header says")]
    [InlineData("0000080100000009010203040506", "cut off")]
    public void A_hostile_header_is_refused_by_name(string hex, string reason)
    {
        foreach (var bytes in new[] { Convert.FromHexString(hex), Pack(Convert.FromHexString(hex)) })
        {
            var message = Assert.Throws<InvalidImageException>(() => Read(bytes)).Message;
            Assert.StartsWith("given.idx", message);
            Assert.Contains(reason, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Damaged_gzip_is_refused()
    {
        var packed = Pack(TwoPictures);
        packed[12] ^= 0xFF;
        Assert.Throws<InvalidImageException>(() => Read(packed));
    }

    [Fact]
    public void The_mnist_test_set_is_read()
    {
        var folder = TestData.Require("datasets", "mnist");
        var images = Idx.Read(Directory.GetFiles(folder, "*images*").Order(StringComparer.Ordinal).First());
        var labels = Idx.Read(Directory.GetFiles(folder, "*labels*").Order(StringComparer.Ordinal).First());
        Assert.Equal<int>([10_000, 28, 28], images.Shape.ToArray());
        Assert.Equal<byte>([7, 2, 1, 0, 4, 1, 4, 9, 5, 9], labels.Labels[..10].ToArray());
    }

    private static Idx Read(byte[] bytes) => Idx.Read(new MemoryStream(bytes), "given.idx");

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        return packed.ToArray();
    }
}
