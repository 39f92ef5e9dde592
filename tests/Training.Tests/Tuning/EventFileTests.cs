using System.Text;
using Anneal.Onnx;
using Anneal.Training.Tuning;

namespace Anneal.Training.Tests.Tuning;

public sealed class EventFileTests
{
    [Fact]
    public void Curves_and_texts_are_read_by_a_reader_of_its_own()
    {
        using var folder = new TempFolder();
        using (var events = new EventFile(folder["run"], clock: new Noon()))
        {
            events.Scalar("loss/train", 0.25, 3);
            events.Scalar("Größe", double.PositiveInfinity, long.MaxValue);
            events.Text("options", "**epochs** 8", 0);
        }
        var read = EventReader.Read(File.ReadAllBytes(Directory.GetFiles(folder["run"]).Single()));
        Assert.Equal(4, read.Count);
        Assert.All(read, one => Assert.Equal(Noon.Seconds, BitConverter.UInt64BitsToDouble(one.Field(1).Value)));
        Assert.Equal("brain.Event:2", read[0].Text(3));
        Assert.Equal(("loss/train", 3UL, 0.25f), Scalar(read[1]));
        Assert.Equal(("Größe", (ulong)long.MaxValue, float.PositiveInfinity), Scalar(read[2]));
        var text = read[3].Message(5).Message(1);
        Assert.Equal(("options/text_summary", "text"), (text.Text(1), text.Message(9).Message(1).Text(1)));
        var tensor = text.Message(8);
        Assert.Equal((7UL, 1UL, "**epochs** 8"), (tensor.Field(1).Value, tensor.Message(2).Message(2).Field(1).Value, tensor.Text(8)));
    }

    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("123456789", 0xE3069283u)]
    public void The_readers_checksum_is_CRC_32C(string data, uint crc) => Assert.Equal(crc, EventReader.Crc(Encoding.ASCII.GetBytes(data)));

    [Fact]
    public void A_resumed_training_says_where_it_goes_on_in_a_file_of_its_own()
    {
        using var folder = new TempFolder();
        using (var first = new EventFile(folder.Path))
        using (var second = new EventFile(folder.Path, resumedAt: 40))
            Assert.NotEqual(first.FilePath, second.FilePath);
        var files = Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal).ToArray();
        Assert.All(files, file => Assert.Contains("events.out.tfevents.", file, StringComparison.Ordinal));
        var resumed = files.Select(file => EventReader.Read(File.ReadAllBytes(file))).Single(events => events.Count == 2)[1];
        Assert.Equal((40UL, 1UL), (resumed.Field(2).Value, resumed.Message(7).Field(1).Value));
    }

    [Fact]
    public void What_was_flushed_can_be_read_while_the_file_is_open_and_after_it_was_cut_anywhere()
    {
        using var folder = new TempFolder();
        using var events = new EventFile(folder.Path);
        events.Scalar("a", 1, 1);
        events.Flush();
        events.Scalar("b", 2, 2);
        var flushed = Read(events.FilePath);
        Assert.Equal(2, EventReader.Read(flushed).Count);
        events.Flush();
        var whole = Read(events.FilePath);
        for (var length = flushed.Length; length < whole.Length; length++)
            Assert.Equal(2, EventReader.Read(whole[..length]).Count);
        Assert.Equal(3, EventReader.Read(whole).Count);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_into_is_named()
    {
        using var folder = new TempFolder();
        using (File.Create(folder["file"]))
            Assert.Contains("cannot hold event files", Assert.Throws<AnnealException>(() => new EventFile(folder["file", "run"])).Message, StringComparison.Ordinal);
    }

    private static (string Tag, ulong Step, float Value) Scalar(List<EventField> one)
    {
        var value = one.Message(5).Message(1);
        return (value.Text(1), one.Field(2).Value, BitConverter.UInt32BitsToSingle((uint)value.Field(2).Value));
    }

    private static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    private sealed class Noon : TimeProvider
    {
        public const double Seconds = 1_700_000_000.25;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(Seconds);
    }
}
