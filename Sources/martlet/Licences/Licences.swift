/// The licences of what is linked into the module and the programs, which their terms ask to be shown.
enum Licences {
    /// The file NOTICE, as people read it.
    static var text: String { String(decoding: PackageResources.NOTICE, as: UTF8.self) }
}
