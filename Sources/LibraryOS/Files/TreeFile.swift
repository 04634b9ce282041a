/// A file of a mounted tree as `TreeHost` gives it out: its place, and the open file description when it was opened for more than its name.
final class TreeFile: HostFile, @unchecked Sendable {
    let place: PathLocation
    let description: OpenFile?

    init(_ place: PathLocation, _ description: OpenFile?) {
        (self.place, self.description) = (place, description)
        description?.retain()
        super.init(descriptor: -1)
    }

    deinit { description?.drop() }
}
