import TestSupport

/// An authority of OpenSSL's that issues certificates over public keys whose private half it has never seen.
struct CertificateAuthority {
    let folder: TemporaryDirectory
    /// Its own certificate, a PEM file.
    var certificate: String { folder.file("authority.pem") }

    init(folder: TemporaryDirectory) throws {
        self.folder = folder
        try Tool.run(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Authority", "-days", "30",
            "-keyout", folder.file("authority.key"), "-out", folder.file("authority.pem")
        ).checked()
    }

    /// Issues a certificate.
    /// - Parameters:
    ///   - publicKey: a PEM file.
    ///   - days: how long it is valid from now; less than nothing for one that has expired.
    ///   - extensions: lines of `openssl.cnf`.
    /// - Returns: the PEM file `issued.pem` in the folder.
    func certify(
        _ publicKey: String, subject: String, days: Int = 30, extensions: [String] = []
    ) throws -> String {
        let key = folder.file("authority.key"), request = folder.file("request.pem")
        try Tool.run("openssl", "req", "-new", "-key", key, "-subj", "/CN=\(subject)", "-out", request).checked()
        let extensions = try folder.write(extensions.joined(separator: "\n") + "\n", to: "extensions")
        try Tool.run(
            "openssl", "x509", "-req", "-extfile", extensions, "-in", request, "-CA", certificate, "-CAkey", key,
            "-force_pubkey", publicKey, "-days", String(days), "-out", folder.file("issued.pem")
        ).checked()
        return folder.file("issued.pem")
    }
}
