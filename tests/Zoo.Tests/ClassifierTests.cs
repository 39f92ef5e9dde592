using Anneal.Onnx;

namespace Anneal.Zoo.Tests;

/// <summary>Order, batches, failures and cancellation, with a model that can be worked out in the head.</summary>
public sealed class ClassifierTests : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>Batch asked for, batch fixed by the file (-1: open), inputs; each input is r, g or b for a picture, x for a file that is none.</summary>
    public static TheoryData<int, int, string> Runs => new()
    {
        { 0, -1, "rgb" },
        { 1, -1, "rxgb" },
        { 4, -1, "rgbrgbrgb" },
        { 4, -1, "xrgxxbxgrbx" },
        { 4, -1, "xxxxrgb" },
        { 3, -1, "xxxxxx" },
        { 0, 1, "rxg" },
        { 0, 4, "rgbrg" },
        { 2, 4, "xrgbxbbg" },
        { 32, -1, "g" },
        { 1, -1, "" },
        { 5, -1, string.Concat(Enumerable.Repeat("rgbxb", 40)) },
    };

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Runs))]
    public async Task Answers_come_in_the_order_of_the_inputs(int batch, int fixedBatch, string inputs)
    {
        using var session = new ColourSession(fixedBatch);
        using var classifier = new Classifier(session, Card());
        var paths = inputs.Select((colour, i) => Picture(colour, i)).ToList();

        var answers = await classifier.ClassifyAsync(paths, new() { Batch = batch, Top = 1 }, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(paths, answers.Select(a => a.File));
        Assert.Equal(inputs, string.Concat(answers.Select(a => a.Error is not null ? 'x' : "rgb"[a.Predictions.Single().Index])));
        Assert.All(answers.Where(a => a.Error is not null), a => Assert.Contains(a.File, a.Error!, StringComparison.Ordinal));
        if (fixedBatch > 0)
            Assert.All(session.Fed, fed => Assert.Equal(fixedBatch, fed));
        else
            Assert.Equal(inputs.Count(c => c != 'x'), session.Fed.Sum());
    }

    [Fact]
    public void One_picture_gets_its_labelled_answer()
    {
        using var classifier = new Classifier(new ColourSession(), Card());
        var answer = classifier.Classify(Picture('g', 0));
        Assert.Equal([1, 0, 2], answer.Select(p => p.Index));
        Assert.Null(answer[0].Label);
        Assert.Equal(1, answer.Sum(p => p.Probability), 1e-6);
    }

    [Fact]
    public void One_file_that_is_no_picture_is_an_error()
    {
        using var classifier = new Classifier(new ColourSession(), Card());
        var path = Picture('x', 0);
        Assert.Contains(path, Assert.Throws<AnnealException>(() => classifier.Classify(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_model_reaches_the_caller_and_does_not_hang()
    {
        using var classifier = new Classifier(new ColourSession { Before = _ => throw new AnnealException("out of memory") }, Card());
        var error = await Assert.ThrowsAsync<AnnealException>(async () =>
        {
            await foreach (var _ in classifier.ClassifyAsync([Picture('r', 0), Picture('g', 1)], cancellation: TestContext.Current.CancellationToken)) { }
        });
        Assert.Equal("out of memory", error.Message);
    }

    [Fact]
    public async Task A_failing_list_of_inputs_reaches_the_caller_after_the_answers_before_it()
    {
        using var classifier = new Classifier(new ColourSession(), Card());
        var seen = 0;
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (var _ in classifier.ClassifyAsync(Broken(), cancellation: TestContext.Current.CancellationToken))
                seen++;
        });
        Assert.Equal(1, seen);

        IEnumerable<string> Broken()
        {
            yield return Picture('r', 0);
            throw new InvalidOperationException("the folder went away");
        }
    }

    [Fact]
    public async Task Cancellation_ends_the_work_soon()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var classifier = new Classifier(new ColourSession { Before = token => token.WaitHandle.WaitOne() }, Card());
        var work = Task.Run(async () =>
        {
            await foreach (var _ in classifier.ClassifyAsync([Picture('r', 0)], cancellation: stop.Token)) { }
        }, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_reader_that_leaves_early_leaves_no_work_behind_and_an_endless_list_is_read_only_a_little_ahead()
    {
        using var session = new ColourSession();
        using var classifier = new Classifier(session, Card());
        var picture = Picture('b', 0);
        var read = 0;
        await foreach (var _ in classifier.ClassifyAsync(Endless(), cancellation: TestContext.Current.CancellationToken))
            break;
        var after = read;
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(after, read);
        Assert.InRange(read, 1, 100 * Environment.ProcessorCount);

        IEnumerable<string> Endless()
        {
            for (; ; read++)
                yield return picture;
        }
    }

    [Theory]
    [InlineData(3, 4, "another model")]
    [InlineData(1, 2, "another model")]
    public void A_card_that_makes_another_input_is_refused(int channels, int side, string says)
    {
        var steps = Card().Preprocessing with
        {
            Color = channels == 1 ? ColorOrder.Gray : ColorOrder.Rgb,
            Crop = new(side, side),
        };
        var error = Assert.ThrowsAny<AnnealException>(() => new Classifier(new ColourSession(), Card() with { Preprocessing = steps }));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_another_model_are_refused()
    {
        var error = Assert.Throws<AnnealException>(() => new Classifier(new ColourSession(), Card() with { Labels = "cifar10" }));
        Assert.Contains("3 classes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Disposing_the_classifier_disposes_the_session()
    {
        var session = new ColourSession();
        new Classifier(session, Card()).Dispose();
        Assert.True(session.IsDisposed);
    }

    private static ModelCard Card() => new()
    {
        Name = "colours",
        Summary = "Which of red, green and blue there is most of.",
        OutputKind = OutputKind.Logits,
        Preprocessing = new()
        {
            Color = ColorOrder.Rgb,
            Orientation = OrientationPolicy.Ignore,
            Crop = new(2, 2),
            Divide = 255,
            Layout = TensorLayout.Nchw,
        },
    };

    private string Picture(char colour, int number)
    {
        var path = _folder[$"{number:000}-{colour}"];
        File.WriteAllBytes(path, colour == 'x' ? "no picture"u8.ToArray() : ColourSession.Bitmap(colour));
        return path;
    }
}
