using Anneal.Zoo;

namespace Anneal.Cli.Checkup;

/// <summary>The folder of the models: whether it can be used, what is in it, how much room is left.</summary>
internal static class ModelsFolderCheck
{
    public static IEnumerable<Finding> Run(ModelCache cache)
    {
        var folder = Nearest(cache.Root);
        yield return Directory.Exists(cache.Root)
            ? Finding.Ok("models folder", cache.Root)
            : Finding.Ok("models folder", $"{cache.Root}, made when the first model comes");
        yield return IsWritable(folder)
            ? Finding.Ok("writable", $"yes, {Quantity.Bytes(new DriveInfo(folder).AvailableFreeSpace)} free")
            : Finding.Problem("writable", $"'{folder}' cannot be written, so no model can be downloaded. Set ANNEAL_HOME to a folder that can.");
        var models = cache.List();
        yield return Finding.Ok("models here", $"{Quantity.Count(models.Count)}, {Quantity.Bytes(models.Sum(model => model.SizeBytes))}");
        var partial = cache.ListPartial();
        yield return partial.Count == 0
            ? Finding.Absent("unfinished downloads", "none")
            : Finding.Ok("unfinished downloads", $"{Quantity.Count(partial.Count)}, {Quantity.Bytes(partial.Sum(part => part.SizeBytes))}; they are resumed when the model is asked for again");
    }

    /// <summary>The folder itself or the nearest one above it that exists.</summary>
    private static string Nearest(string path)
    {
        while (!Directory.Exists(path) && Path.GetDirectoryName(path) is { } parent)
            path = parent;
        return path;
    }

    private static bool IsWritable(string folder)
    {
        try
        {
            using var probe = new FileStream(Path.Combine(folder, $".anneal-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
