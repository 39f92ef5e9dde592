using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Cli.Checkup;

/// <summary>Whether pictures can be read.</summary>
internal static class CodecCheck
{
    public static Finding Run()
    {
        var folder = Directory.CreateTempSubdirectory("anneal-doctor-");
        try
        {
            var path = Path.Combine(folder.FullName, "sunset.bmp");
            using (var file = new FileStream(path, FileMode.CreateNew))
                file.Write(Sunset.Draw());
            var pixels = new float[3 * RedOrBlue.Size * RedOrBlue.Size];
            new Preprocessor(RedOrBlue.Preprocessing).Read(path, pixels);
            return Finding.Ok("pictures", "the image codec loads and decodes");
        }
        catch (Exception error)
        {
            return Finding.Problem("pictures", error is AnnealException ? error.Message : $"{error.GetType().Name}: {error.Message}", isVital: true);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
