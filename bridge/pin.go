package bridge

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"slices"

	"github.com/tidegate/tidegate/gateway"
)

// errPin is for a server whose key is not the one that was pinned.
var errPin = errors.New("the key of the other broker's certificate is none of the pinned ones")

// pinned checks the server's key beside all other checks; nil when nothing is pinned.
func pinned(t *gateway.BridgeTLS) func(tls.ConnectionState) error {
	pins := t.PinnedKeys()
	if len(pins) == 0 {
		return nil
	}
	return func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) > 0 && slices.Contains(pins, pinOf(state.PeerCertificates[0].RawSubjectPublicKeyInfo)) {
			return nil
		}
		return errPin
	}
}

// pinOf is the SHA-256 of a subject public key info in Base64 (RFC 7469, 2.4).
func pinOf(spki []byte) string {
	sum := sha256.Sum256(spki)
	return base64.StdEncoding.EncodeToString(sum[:])
}
