import FaultFlows
import Foundation
import TestSupport
import VirtualCard

/// A real pcscd with the card of the sweeps, and between the two a program that injects faults: `Drivers/middle.py`.
final class FaultBench {
    private let world: CardWorld
    private let middle: Conversation

    init() throws {
        world = try CardWorld(readers: [CardReader()])
        let state = world.home.file("card.json")
        try StateFile(path: state).save(FaultyCard.state())
        let port = world.vpcdPort(0), cardPort = port + 1000
        let card = [try PackageRoot.program("martlet-card"), "serve", "--port", "\(cardPort)", "--state", state]
        let program = PackageRoot.path + "/Tests/FaultTests/Drivers/middle.py"
        middle = try world.converse(
            ["python3", program, "\(port)", "\(cardPort)"] + world.resetCommand() + ["--"] + card)
        _ = try middle.ask("")
        try world.awaitCard(present: true)
    }

    /// Sets a fault at the command of this index, counted from now.
    func set(_ fault: Fault, at index: Int) throws { _ = try middle.ask("fault \(index) \(fault.name)") }

    /// Removes the fault.
    ///
    /// - Parameter isAnew: whether the card is pulled out and put in for it. One that is out is put in anyway.
    /// - Returns: how many commands the card was sent since the fault was set.
    @discardableResult
    func mend(puttingIn isAnew: Bool = false) throws -> Int {
        if isAnew {
            _ = try middle.ask("pull")
            try world.awaitCard(present: false)
        }
        var count: Int?
        try Deadline.wait(for: "the other program to reset the card") {
            count = Int(try middle.ask("mend"))
            return count != nil
        }
        try world.awaitCard(present: true)
        return count ?? 0
    }

    /// How many tries the card's PINs have, PIV's first.
    func tries() throws -> String { try middle.ask("tries") }

    /// What PIV's PIN is.
    func currentPIN() throws -> String {
        try middle.ask("pin \(CardKeys.pin) \(CardKeys.otherPIN(than: CardKeys.pin))")
    }

    /// A program that runs flows, each with the PIN and the seconds that have passed before; see `fault-driver`.
    func program() throws -> (Flow, String, Int) throws -> String {
        let keys = try [FaultyCard.keys().rsa, FaultyCard.keys().agreementKey].map { key in
            key.subjectPublicKeyInfo.map { String(format: "%02x", $0) }.joined()
        }
        let driver = try world.converse([PackageRoot.program("fault-driver")] + keys)
        return { flow, pin, seconds in try driver.ask("\(flow.rawValue) \(pin) \(seconds)", timeout: 60) }
    }
}
