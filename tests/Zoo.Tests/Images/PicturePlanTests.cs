using Anneal.Zoo.Images;

namespace Anneal.Zoo.Tests.Images;

/// <summary>Sizes and offsets, by torchvision's rules.</summary>
public sealed class PicturePlanTests
{
    [Theory]
    [InlineData(500, 375, 341, 256, 58, 16)]  // 58.5 rounds to the even 58
    [InlineData(375, 500, 256, 341, 16, 58)]
    [InlineData(500, 373, 343, 256, 60, 16)]  // 59.5 rounds to the even 60
    [InlineData(256, 256, 256, 256, 16, 16)]
    [InlineData(10, 9, 284, 256, 30, 16)]     // 284.4 is cut off
    [InlineData(1, 1000, 256, 256000, 16, 127888)]
    public void The_shorter_side_and_the_crop_round_as_torchvision(int width, int height, int toWidth, int toHeight, int left, int top)
    {
        var plan = PicturePlan.For(width, height, Cards.Shorter(256, ResizeStyle.Pillow), new(224, 224));
        Assert.Equal(new(toWidth, toHeight, left, top, 224, 224, 0, 0, 224, 224), plan);
    }

    [Fact]
    public void Around_opencv_offsets_are_cut_off()
    {
        Assert.Equal(59, PicturePlan.For(500, 373, Cards.Shorter(256, ResizeStyle.OpenCv), new(224, 224)).Left);
    }

    [Theory, InlineData(10, 13, 1, 10, 16), InlineData(11, 12, 0, 11, 12), InlineData(20, 13, 0, 13, 12)]
    public void A_crop_beyond_the_picture_is_padded_evenly_the_odd_one_at_the_end(int width, int wanted, int pad, int kept, int height)
    {
        var plan = PicturePlan.For(width, height, null, new(height, wanted));
        Assert.Equal((pad, kept, wanted, 0), (plan.PadLeft, plan.Width, plan.OutputWidth, plan.PadTop));
    }
}
