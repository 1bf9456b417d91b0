import TestSupport

/// An authority of OpenSSL's that issues certificates over public keys whose private half it has never seen.
struct CertificateAuthority {
    let folder: TemporaryDirectory

    init(folder: TemporaryDirectory) throws {
        self.folder = folder
        try Tool.run(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Authority", "-days", "30",
            "-keyout", folder.file("authority.key"), "-out", folder.file("authority.pem")
        ).checked()
    }

    /// Issues a certificate.
    /// - Parameter publicKey: a PEM file.
    /// - Returns: the PEM file `issued.pem` in the folder.
    func certify(_ publicKey: String, subject: String) throws -> String {
        let key = folder.file("authority.key"), request = folder.file("request.pem")
        try Tool.run("openssl", "req", "-new", "-key", key, "-subj", "/CN=\(subject)", "-out", request).checked()
        try Tool.run(
            "openssl", "x509", "-req", "-in", request, "-CA", folder.file("authority.pem"), "-CAkey", key,
            "-force_pubkey", publicKey, "-days", "30", "-out", folder.file("issued.pem")
        ).checked()
        return folder.file("issued.pem")
    }
}
