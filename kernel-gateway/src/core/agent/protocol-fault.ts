/** Bytes from the other side that are not what the protocol says; `message` is a clause ("a frame of …"). Closes the channel. */
export class ProtocolFault extends Error {
  override readonly name = 'ProtocolFault';
}
