import APDU
import HostCrypto

/// A command that the card refuses, with the status word that says why.
struct Refusal: Error, Hashable {
    let status: StatusWord

    init(_ status: StatusWord) { self.status = status }

    /// 63Cx: wrong, and `triesLeft` more tries.
    static func wrong(triesLeft: Int) -> Refusal {
        Refusal(StatusWord(rawValue: 0x63C0 | UInt16(min(max(triesLeft, 0), 15))))
    }
}

/// Runs what libcrypto does; where it fails, the card refuses with `status`.
func computing<R>(
    orRefuse status: StatusWord = .unknownError, _ body: () throws(HostCryptoError) -> R
) throws(Refusal) -> R {
    do throws(HostCryptoError) { return try body() } catch { throw Refusal(status) }
}

/// The data objects that a command's data field is made of; 6A80 where it is anything else.
func dataObjects(_ data: some Collection<UInt8>) throws(Refusal) -> [BERObject] {
    do throws(BERError) { return try BER.objects(in: Array(data)[...]) } catch { throw Refusal(.incorrectData) }
}
