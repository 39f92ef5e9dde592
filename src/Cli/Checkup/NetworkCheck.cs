namespace Anneal.Cli.Checkup;

/// <summary>What the environment says about the network. Nothing is contacted.</summary>
internal static class NetworkCheck
{
    private static readonly string[] ProxyVariables = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"];

    public static IEnumerable<Finding> Run()
    {
        yield return Environment.GetEnvironmentVariable("ANNEAL_OFFLINE") is "1" or "true"
            ? Finding.Absent("network", "off (ANNEAL_OFFLINE); models must be here already")
            : Finding.Ok("network", "may be used (ANNEAL_OFFLINE=1 or --offline turns it off)");
        var proxies = ProxyVariables.Select(Setting).OfType<string>().ToList();
        yield return proxies.Count == 0
            ? Finding.Absent("proxy", "none")
            : Finding.Ok("proxy", string.Join(", ", proxies));
    }

    private static string? Setting(string variable)
    {
        var value = Environment.GetEnvironmentVariable(variable) ?? Environment.GetEnvironmentVariable(variable.ToLowerInvariant());
        return string.IsNullOrEmpty(value) ? null : $"{variable}={WithoutPassword(value)}";
    }

    /// <summary>A check-up is pasted into bug reports; a proxy's password is not.</summary>
    private static string WithoutPassword(string address) =>
        address.LastIndexOf('@') is var at and >= 0 ? "***" + address[at..] : address;
}
