extension Client {
    /// The lines of a shell that configure SunPKCS11 for the token alone.
    private static func sunPKCS11(_ context: ClientContext) -> [String] {
        write(["name = Martlet", "library = \(context.module)"], to: "~/.martlet-java.cfg") + [
            "export MARTLET_SERIALS=\(context.serialNumber.shellWord)",
            "export MARTLET_EACH_USE=login",
        ]
    }

    private static let store =
        "-keystore NONE -storetype PKCS11 -providerClass sun.security.pkcs11.SunPKCS11 -providerArg ~/.martlet-java.cfg"

    private static let javaPIN = "is the key store's password, which it asks for at the terminal."

    /// Java and Python.
    static let languages: [Client] = [
        Client(
            name: "java", summary: "Java, by the configuration file of SunPKCS11",
            place: .file("martlet.cfg"), pin: "keytool and jarsigner ask for it as the key store's password."
        ) { ["name = Martlet", "library = \($0.module)"] },
        Client(
            name: "keytool", summary: "Java's keytool, which lists and uses keys of the card",
            place: .shell, demand: .client, pin: javaPIN, knowsEachUse: true
        ) { sunPKCS11($0) + ["keytool -list \(store)"] },
        Client(
            name: "jarsigner", summary: "Java's jarsigner, which signs archives",
            place: .shell, demand: .signer, pin: javaPIN, knowsEachUse: true,
            advice: ["The archive is an example: put your own for app.jar."]
        ) { sunPKCS11($0) + ["jarsigner \(store) app.jar \($0.certificateLabel.shellWord)"] },
        Client(
            name: "apksigner", summary: "apksigner, which signs programs for Android",
            place: .shell, demand: .signer, pin: javaPIN, knowsEachUse: true,
            advice: ["The program is an example: put your own for app.apk."]
        ) {
            sunPKCS11($0) + [
                "apksigner -J-add-exports=jdk.crypto.cryptoki/sun.security.pkcs11=ALL-UNNAMED sign "
                    + "--min-sdk-version 24 --ks NONE --ks-type PKCS11 --provider-class sun.security.pkcs11.SunPKCS11 "
                    + "--provider-arg ~/.martlet-java.cfg --ks-key-alias \($0.certificateLabel.shellWord) "
                    + "--out app-signed.apk app.apk"
            ]
        },
        Client(
            name: "pykcs11", summary: "Python's PyKCS11 (package python3-pykcs11)",
            place: .shell, demand: KeyDemand(purpose: .authentication), pin: pythonPIN
        ) {
            python(
                [
                    "from PyKCS11 import *", "lib = PyKCS11Lib()", "lib.load(\($0.module.pythonWord))",
                    "slots = lib.getSlotList(tokenPresent=True)",
                    "slot = next(s for s in slots if lib.getTokenInfo(s).serialNumber.strip() == "
                        + "\($0.serialNumber.pythonWord))",
                    "session = lib.openSession(slot)", "session.login(getpass.getpass('PIN: '))",
                    "key = session.findObjects([(CKA_CLASS, CKO_PRIVATE_KEY), (CKA_ID, bytes.fromhex('\($0.id)'))])[0]",
                    "mechanism = Mechanism(CKM_\($0.isRSA ? "SHA256_RSA_PKCS" : "ECDSA_SHA256"))",
                    "print(bytes(session.sign(key, b'message', mechanism)).hex())",
                ], "card-pykcs11.py")
        },
        Client(
            name: "python-pkcs11", summary: "Python's python-pkcs11 (pip install python-pkcs11)",
            place: .shell, demand: KeyDemand(purpose: .authentication), pin: pythonPIN
        ) {
            python(
                [
                    "import pkcs11", "lib = pkcs11.lib(\($0.module.pythonWord))",
                    "token = lib.get_token(token_label=\($0.tokenLabel.pythonWord), token_serial=b\($0.serialNumber.pythonWord))",
                    "with token.open(user_pin=getpass.getpass('PIN: ')) as session:",
                    "    key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, id=bytes.fromhex('\($0.id)'))",
                    "    mechanism = pkcs11.Mechanism.\($0.isRSA ? "SHA256_RSA_PKCS" : "ECDSA_SHA256")",
                    "    print(key.sign(b'message', mechanism=mechanism).hex())",
                ], "card-pkcs11.py")
        },
        Client(
            name: "asyncssh", summary: "Python's asyncssh, with python-pkcs11",
            place: .shell, demand: KeyDemand(purpose: .authentication), pin: pythonPIN,
            advice: ["Then: asyncssh.connect('SERVER', client_keys=keys)"]
        ) {
            python(
                [
                    "import asyncssh",
                    "keys = asyncssh.load_pkcs11_keys(\($0.module.pythonWord), getpass.getpass('PIN: '), "
                        + "token_label=\($0.tokenLabel.pythonWord), key_label=\($0.label.pythonWord), load_certs=False)",
                    "print(keys[0].public_data.hex())",
                ], "card-asyncssh.py")
        },
    ]

    private static let pythonPIN = "is asked for at the terminal by getpass."

    private static func python(_ lines: [String], _ file: String) -> [String] {
        write(["import getpass"] + lines, to: file) + ["python3 \(file)"]
    }
}

extension String {
    /// The text as a literal of Python's.
    fileprivate var pythonWord: String {
        let escaped = utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            let isPlain = byte >= 0x20 && byte < 0x7F && character != "'" && character != "\\"
            return isPlain ? String(character) : "\\x" + [byte].hexadecimal
        }
        return "'" + escaped.joined() + "'"
    }
}
