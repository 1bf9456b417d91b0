/// The commands of one card application behind an exchange: how each is sent, and what an error of it is called.
package protocol CardCommands {
    /// Where the commands go, while the transaction lasts.
    var exchange: CardExchange { get }
}

extension CardCommands {
    /// SELECT by DF name, whatever its status word.
    package func select(_ name: String, _ applicationIdentifier: [UInt8]) throws(CardError) -> ResponseAPDU {
        do throws(ChannelError) {
            return try exchange.select(applicationIdentifier)
        } catch {
            throw CardError(name, .channel(error))
        }
    }

    /// Sends a command and returns the answer, whatever its status word.
    package func answer(
        _ name: String, _ header: CommandHeader, data: [UInt8] = [], ne: Int = 0, secrecy: Secrecy = []
    ) throws(CardError) -> ResponseAPDU {
        do throws(ChannelError) {
            return try exchange.send(header, data: data, ne: ne, secrecy: secrecy)
        } catch {
            throw CardError(name, .channel(error))
        }
    }

    /// Sends a command and throws unless its status is one of those.
    package func send(
        _ name: String, _ header: CommandHeader, data: [UInt8] = [], ne: Int = 0, secrecy: Secrecy = [],
        accepting accepted: [StatusWord]
    ) throws(CardError) -> ResponseAPDU {
        let answer = try answer(name, header, data: data, ne: ne, secrecy: secrecy)
        guard accepted.contains(answer.status) else { throw CardError(name, .status(answer.status)) }
        return answer
    }

    /// Sends a command with secret data and throws unless it succeeds.
    package func sendSecret(_ name: String, _ header: CommandHeader, _ data: RawSpan) throws(CardError) {
        let answer: ResponseAPDU
        do throws(ChannelError) {
            answer = try exchange.send(header, secret: data)
        } catch {
            throw CardError(name, .channel(error))
        }
        guard answer.status == .success else { throw CardError(name, .status(answer.status)) }
    }

    /// Has a person type what a command needs on the reader's keys, and throws unless it succeeds.
    package func enter(_ name: String, _ entry: PINEntry) throws(CardError) {
        let status: StatusWord
        do throws(ChannelError) {
            status = try exchange.enter(entry)
        } catch {
            throw CardError(name, .channel(error))
        }
        guard status == .success else { throw CardError(name, .status(status)) }
    }
}
