using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Anneal.Onnx;

/// <summary>
/// What .NET does not tell about a file: whether it is an ordinary one (a pipe would block its reader), how many names it has, and whether two
/// names or handles mean the same one.
/// </summary>
/// <param name="IsOrdinary">Neither folder, pipe, socket nor device.</param>
/// <param name="Links">The number of hard links.</param>
/// <param name="Device">The file system that the file is on.</param>
/// <param name="Number">The file's number there; 0 where the system gives none.</param>
internal readonly partial record struct FileFacts(bool IsOrdinary, uint Links, ulong Device, ulong Number)
{
    private const int FileTypeMask = 0xF000;
    private const int OrdinaryFile = 0x8000;

    /// <summary>The facts, with symbolic links followed; null when there is no such file.</summary>
    public static FileFacts? Of(string path)
    {
        const int currentFolder = -100;
        if (OperatingSystem.IsLinux())
            return OfLinux(currentFolder, path, 0);
        if (OperatingSystem.IsMacOS())
            return OfMac(path);
        if (!File.Exists(path))
            return Directory.Exists(path) ? new(false, 1, 0, 0) : null;
        if (!OperatingSystem.IsWindows())
            return new(true, 1, 0, 0);
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite);
        return OfWindows(file);
    }

    /// <summary>The facts of an open file.</summary>
    public static FileFacts? Of(SafeFileHandle file)
    {
        const int emptyPath = 0x1000;
        if (OperatingSystem.IsLinux())
            return OfLinux((int)file.DangerousGetHandle(), "", emptyPath);
        if (OperatingSystem.IsMacOS())
            return OfMac((int)file.DangerousGetHandle());
        return OperatingSystem.IsWindows() ? OfWindows(file) : new(true, 1, 0, 0);
    }

    /// <summary>statx has one layout on every architecture: mask 0, block size 4, attributes 8, links 16, user 20, group 24, mode 28, inode 32, device 136.</summary>
    private static unsafe FileFacts? OfLinux(int folder, string path, int flags)
    {
        const uint typeLinksAndInode = 0x1 | 0x4 | 0x100;
        var buffer = stackalloc byte[256];
        return StatX(folder, path, flags, typeLinksAndInode, buffer) == 0
            ? new((*(ushort*)(buffer + 28) & FileTypeMask) == OrdinaryFile, *(uint*)(buffer + 16), *(ulong*)(buffer + 136), *(ulong*)(buffer + 32))
            : null;
    }

    private static unsafe FileFacts? OfMac(string path)
    {
        var buffer = stackalloc byte[256];
        var result = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? StatInode64(path, buffer) : Stat(path, buffer);
        return result == 0 ? ReadMac(buffer) : null;
    }

    private static unsafe FileFacts? OfMac(int file)
    {
        var buffer = stackalloc byte[256];
        var result = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? FStatInode64(file, buffer) : FStat(file, buffer);
        return result == 0 ? ReadMac(buffer) : null;
    }

    /// <summary>The 64-bit stat of macOS: device 0, mode 4, links 6, inode 8.</summary>
    private static unsafe FileFacts ReadMac(byte* buffer) =>
        new((*(ushort*)(buffer + 4) & FileTypeMask) == OrdinaryFile, *(ushort*)(buffer + 6), *(uint*)buffer, *(ulong*)(buffer + 8));

    /// <summary>BY_HANDLE_FILE_INFORMATION: attributes 0, three times 4, serial 28, size 32, links 40, index 44.</summary>
    private static unsafe FileFacts OfWindows(SafeFileHandle file)
    {
        var buffer = stackalloc byte[52];
        return GetFileInformationByHandle(file, buffer)
            ? new(true, *(uint*)(buffer + 40), *(uint*)(buffer + 28), ((ulong)*(uint*)(buffer + 44) << 32) | *(uint*)(buffer + 48))
            : new(true, 1, 0, 0);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int folder, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Stat(string path, byte* buffer);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatInode64(string path, byte* buffer);

    [LibraryImport("libc", EntryPoint = "fstat")]
    private static unsafe partial int FStat(int file, byte* buffer);

    [LibraryImport("libc", EntryPoint = "fstat$INODE64")]
    private static unsafe partial int FStatInode64(int file, byte* buffer);

    [LibraryImport("kernel32", EntryPoint = "GetFileInformationByHandle")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static unsafe partial bool GetFileInformationByHandle(SafeFileHandle file, byte* buffer);
}
