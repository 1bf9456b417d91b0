/// Filled in with the message functions.
final class MessageCipher {}
