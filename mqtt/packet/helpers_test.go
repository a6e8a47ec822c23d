package packet_test

import (
	"testing"

	"github.com/tidegate/tidegate/mqtt/packet"
)

// MustAppend encodes p at the end of dst.
func MustAppend(tb testing.TB, dst []byte, v packet.Version, p packet.Packet) []byte {
	tb.Helper()
	encoded, err := packet.Append(dst, v, p)
	if err != nil {
		tb.Fatalf("append %s at %s: %v", p.Type(), v, err)
	}
	return encoded
}
