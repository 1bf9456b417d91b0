import CLibrary
import Cryptoki
import FaultFlows
import HostCrypto
import Platform
import Wiring

/// `fault-driver RSA AGREEMENT`: a program that runs the flows of the fault sweep on the card in the system's readers, one
/// library all the time, without C_Finalize. Its arguments are the card's public keys, as SubjectPublicKeyInfo in
/// hexadecimal digits.
///
/// Each line of standard input is "FLOW PIN SECONDS"; the answer is what came of it. The clock by which the library
/// believes what it read goes forward by so many seconds before.
func serve(_ card: CardKeys) {
    let ahead = Ahead()
    let clock = { @Sendable in MonotonicClock.milliseconds() + ahead.milliseconds }
    let library = Library(source: SystemTokens(Settings.current(), clock: clock) { _ in }, clock: clock)
    while let words = readLine()?.split(separator: " "), words.count == 3, let flow = Flow(rawValue: String(words[0])) {
        ahead.milliseconds += (Int(words[2]) ?? 0) * 1000
        print(flow.outcome(library, pin: String(words[1]), on: card))
        fflush(nil)
    }
    library.shutDown()
}

/// How far the library's clock goes ahead.
final class Ahead: @unchecked Sendable { var milliseconds = 0 }

func publicKey(_ digits: String) throws -> PublicKey {
    let digits = Array(digits)
    let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
        UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
    return try PublicKey(subjectPublicKeyInfo: bytes)
}

guard CommandLine.arguments.count == 3 else { exit(64) }
serve(try CardKeys(rsa: publicKey(CommandLine.arguments[1]), agreement: publicKey(CommandLine.arguments[2])))
