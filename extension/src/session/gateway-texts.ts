/** A chunk of its own: see `gatewayWords`. */
export { gatewayText } from 'kernel-gateway/protocol';
