// Package value turns bytes from the wire into values and back. It is pure and knows nothing of protocols.
//
// A Layout says how the bytes of a value lie: type, byte order, length. Decode and Encode go through the same table of
// places, so what one reads the other writes. Not-a-number and infinities become null, never 0: a device that does not
// know says so. Encode refuses what does not fit instead of cutting it off.
package value
