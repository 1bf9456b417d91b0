/// What lies in a key's place, as far as the card tells.
public enum PlaceContent: Hashable, Sendable {
    /// Surely nothing.
    case nothing
    /// A key; also one of an algorithm that is not known here.
    case key
    /// A certificate alone, whose key is elsewhere.
    case certificate
    /// Nothing that the card tells of; but it tells of no keys, so one may be there.
    case untold
}
