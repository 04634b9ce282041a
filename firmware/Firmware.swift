/// What is handed over at boot, as the package build has embedded it.
public enum Firmware {
    /// The source text of `tee.dts`, the device-tree template of trusted applications.
    public static var trustedApplicationTree: [UInt8] { PackageResources.tee_dts }
}
