public import LibraryOS

/// A tree of files that a root image is made of: a folder of the host, or what a sandbox sees.
///
/// The tree is walked twice, for the attributes first and then for the content, and has to stay the same meanwhile.
public protocol RootImageSource {
    /// What one file is known by: cheap to copy.
    associatedtype File

    /// The folder that becomes the root.
    var root: File { get }
    /// What the file is. `device` and `inode` tell which names are one file.
    func attributes(of file: File) throws(RootImageError) -> FileAttributes
    /// The names in a folder without "." and "..", in any order.
    func entries(of folder: File) throws(RootImageError) -> [(name: [UInt8], file: File)]
    /// Where a symbolic link leads.
    func target(of link: File) throws(RootImageError) -> [UInt8]
    /// The content of a regular file, piece by piece, to `body`.
    func content(of file: File, _ body: (UnsafeRawBufferPointer) throws(RootImageError) -> Void) throws(RootImageError)
}

/// Why no root image can be made.
public struct RootImageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which file, as a path in the image.
    public let path: [UInt8]
    /// What is wrong, and what to do about it.
    public let reason: String

    /// A failure at this path.
    public init(_ path: [UInt8], _ reason: String) { (self.path, self.reason) = (path, reason) }

    /// "PATH: REASON".
    public var description: String { "\(String(decoding: path, as: UTF8.self)): \(reason)" }
}
