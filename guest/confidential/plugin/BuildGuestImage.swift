import Foundation
import PackagePlugin

/// Builds the confidential guest's image with `guest/confidential/build`, and a Swift source with its bytes: SwiftPM itself compiles for the host only, and with
/// the flags of the configuration, while the image's bytes have to be the same whoever builds it.
@main
struct BuildGuestImage: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let folder = context.package.directoryURL.appending(path: "guest/confidential")
        let output = context.pluginWorkDirectoryURL
        let own = ["source", "host", "abi/include", "freestanding"].map { folder.appending(path: $0) }
        let folders = own + [context.package.directoryURL.appending(path: "Sources/LibraryOS")]
        let inputs = folders.flatMap { folder in
            let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path())) ?? []
            return paths.sorted().map { folder.appending(path: $0) }.filter { !["", "md"].contains($0.pathExtension) }
        }
        return [
            .buildCommand(
                displayName: "Building the confidential guest's image", executable: folder.appending(path: "build"),
                arguments: [output.appending(path: "image.bin").path(), output.appending(path: "GuestImageBytes.swift").path()],
                inputFiles: inputs + [folder.appending(path: "build")], outputFiles: [output.appending(path: "GuestImageBytes.swift")])
        ]
    }
}
