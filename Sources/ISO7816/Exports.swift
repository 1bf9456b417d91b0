// A card's exchange takes command headers and answers with response APDUs: who imports it can name them. The framing is
// a target of its own so that the simulated card shares it and nothing else of this room.
@_exported public import APDU
