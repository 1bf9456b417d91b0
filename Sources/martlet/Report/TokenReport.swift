import HostCrypto
import Token

/// A token, as `list` and `info` show it. The names of the properties are those of the JSON.
struct TokenReport: Encodable {
    let application: String
    let label: String
    let manufacturer: String
    let model: String
    let serialNumber: String
    let printedNumber: String?
    let firmware: String?
    let shortestPIN: Int
    let longestPIN: Int
    let pinTriesLeft: Int?
    let pinTriesInAll: Int?
    let keys: [KeyReport]
    let dataObjects: [String]
    /// What is to be told of the card beside that.
    let notices: [String]

    /// - Parameters:
    ///   - areAllSought: whether to look for keys of which the card has no index, too.
    ///   - isWhole: whether to look for data objects, and to ask for the firmware's version, which costs a command.
    init(_ card: CardToken, areAllSought: Bool, isWhole: Bool = false) throws(CommandFailure) {
        let information = try card.information()
        application = card.application.rawValue
        label = information.label
        manufacturer = information.manufacturer
        model = information.model
        serialNumber = information.serialNumber
        printedNumber = try card.printedNumber()
        firmware = isWhole ? try card.firmware() : nil
        (shortestPIN, longestPIN) = (information.pinLengths.lowerBound, information.pinLengths.upperBound)
        let status = try card.pinStatus()
        (pinTriesLeft, pinTriesInAll) = (status.retriesLeft, status.retriesInAll)
        keys = try card.contents(areAllSought: areAllSought).map(KeyReport.init)
        dataObjects = isWhole ? try card.dataObjects() : []
        // Certificates are told of with their keys.
        notices = card.token.takeNotices().filter { !$0.hasPrefix("the certificate of ") }
    }

    /// How many tries the PIN has left, for a person.
    var pinTries: Page.Cell { PINStatus(retriesLeft: pinTriesLeft, retriesInAll: pinTriesInAll).cell }
}
