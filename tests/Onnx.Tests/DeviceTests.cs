namespace Anneal.Onnx.Tests;

public sealed class DeviceTests
{
    [Theory]
    [InlineData("cpu", "cpu")]
    [InlineData("CUDA", "cuda:0")]
    [InlineData("cuda:3", "cuda:3")]
    [InlineData(" opencl:1 ", "opencl:1")]
    [InlineData("auto", "auto")]
    public void A_device_reads_back_what_it_writes(string text, string expected)
    {
        var device = Device.Parse(text);
        Assert.Equal(expected, device.ToString());
        Assert.Equal(device, Device.Parse(device.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cpu:0")]
    [InlineData("auto:1")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:+1")]
    [InlineData("cuda: 1")]
    [InlineData("cuda:1:2")]
    [InlineData("cuda:99999999999")]
    public void Anything_else_is_refused_with_what_was_expected(string text)
    {
        var error = Assert.Throws<AnnealException>(() => Device.Parse(text));
        Assert.Contains("opencl:N", error.Message, StringComparison.Ordinal);
    }
}
