/// What a reader can power: a simulated card, or one that is replayed.
public protocol PoweredCard: AnyObject {
    /// The answer to reset.
    var answerToReset: [UInt8] { get }

    /// Power on, power off or a warm reset.
    func reset()

    /// Does one command APDU and returns the answer: data and two status bytes. Never traps, whatever the bytes.
    func process(_ bytes: [UInt8]) -> [UInt8]
}
