/// Where this system keeps its libraries.
public enum SystemLibraries {
    /// The folder's path, as the C compiler tells it.
    public static let folder = "/usr/lib/" + name

    /// The last part of it: Debian's name for the machine; empty where the system has none.
    public static let name = (try? Tool.run("cc", "-print-multiarch").checked().lines.first) ?? ""
}
