/// Waiting for a card that another program holds: in steps, between which nothing is held and nothing waits.
struct HeldCard {
    let service: any PCSCService
    let reader: ReaderName
    /// Is told, once for each wait, that another Martlet is waited for.
    let notice: @Sendable (ReaderName) -> Void

    /// Repeats `call` so often at most, for as long as another program stands in the way; and beyond that while another
    /// Martlet works with the card, and for so often once more after that.
    func outlast<R>(
        attempts: Int, work: Int, _ call: () throws(SCardCode) -> R
    ) throws(SCardCode) -> R {
        var left = max(1, attempts), workLeft = work
        var isTold = false
        while true {
            do throws(SCardCode) {
                return try call()
            } catch {
                guard error == .sharingViolation else { throw error }
            }
            left -= 1
            if left <= 0 {
                guard workLeft > 0, service.isMarked(reader) else { throw .sharingViolation }
                if !isTold { notice(reader) }
                isTold = true
                workLeft -= attempts
                left = attempts
            }
            service.sleep(milliseconds: Patience.step)
        }
    }
}
