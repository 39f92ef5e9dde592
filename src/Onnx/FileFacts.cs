using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Anneal.Onnx;

/// <summary>What .NET does not tell about a file: whether it is an ordinary one (a pipe would block its reader) and how many names it has.</summary>
/// <param name="IsOrdinary">Neither folder, pipe, socket nor device.</param>
/// <param name="Links">The number of hard links.</param>
internal readonly partial record struct FileFacts(bool IsOrdinary, uint Links)
{
    private const int FileTypeMask = 0xF000;
    private const int OrdinaryFile = 0x8000;

    /// <summary>The facts, with symbolic links followed; null when there is no such file.</summary>
    public static FileFacts? Of(string path)
    {
        if (OperatingSystem.IsLinux())
            return OfLinux(path);
        if (OperatingSystem.IsMacOS())
            return OfMac(path);
        if (!File.Exists(path))
            return Directory.Exists(path) ? new(false, 1) : null;
        return OperatingSystem.IsWindows() ? OfWindows(path) : new(true, 1);
    }

    /// <summary>statx has one layout on every architecture: mask 0, block size 4, attributes 8, links 16, user 20, group 24, mode 28.</summary>
    private static unsafe FileFacts? OfLinux(string path)
    {
        const int currentFolder = -100;
        const uint typeAndLinks = 0x1 | 0x4;
        var buffer = stackalloc byte[256];
        return StatX(currentFolder, path, 0, typeAndLinks, buffer) == 0
            ? new((*(ushort*)(buffer + 28) & FileTypeMask) == OrdinaryFile, *(uint*)(buffer + 16))
            : null;
    }

    /// <summary>The 64-bit stat of macOS: device 0, mode 4, links 6.</summary>
    private static unsafe FileFacts? OfMac(string path)
    {
        var buffer = stackalloc byte[256];
        var result = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? StatInode64(path, buffer) : Stat(path, buffer);
        return result == 0 ? new((*(ushort*)(buffer + 4) & FileTypeMask) == OrdinaryFile, *(ushort*)(buffer + 6)) : null;
    }

    /// <summary>BY_HANDLE_FILE_INFORMATION: attributes 0, three times 4, serial 28, size 32, links 40.</summary>
    private static unsafe FileFacts? OfWindows(string path)
    {
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite);
        var buffer = stackalloc byte[52];
        return GetFileInformationByHandle(file, buffer) ? new(true, *(uint*)(buffer + 40)) : new(true, 1);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int folder, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Stat(string path, byte* buffer);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatInode64(string path, byte* buffer);

    [LibraryImport("kernel32", EntryPoint = "GetFileInformationByHandle")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static unsafe partial bool GetFileInformationByHandle(SafeFileHandle file, byte* buffer);
}
