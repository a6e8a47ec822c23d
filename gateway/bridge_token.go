package gateway

import (
	"encoding/base64"
	"path/filepath"
	"strings"
	"time"
)

// BridgeToken makes the password anew for each connection, which ends before the token does. The bridge's own password
// stays empty then.
type BridgeToken struct {
	// Kind is sas, jwt, file, or empty for none.
	Kind TokenKind `json:"kind,omitempty"`
	// Key signs: for sas that of the device in Base64, for jwt a private key as PEM (RSA, EC P-256 or Ed25519).
	Key Secret `json:"key,omitempty"`
	// Group: the key of a sas token is that of an enrollment group, and the device's own is derived from it.
	Group bool `json:"group,omitempty"`
	// Policy is the name of a shared access policy whose key a sas token has; empty for the key of a device.
	Policy string `json:"policy,omitempty"`
	// Resource of a sas token; empty means {host}/devices/{clientId}.
	Resource string `json:"resource,omitempty"`
	// Audience of a jwt, at Google-like clouds the project.
	Audience string `json:"audience,omitempty"`
	// File has the token in one line; it is read for each connection. Absolute.
	File string `json:"file,omitempty"`
	// Lifetime is 5 min to 24 h; zero means 1 h. A file has its own.
	Lifetime Duration `json:"lifetime,omitempty"`
}

// TokenKind is how a token comes about.
type TokenKind string

// The kinds of tokens.
const (
	TokenSAS  TokenKind = "sas"
	TokenJWT  TokenKind = "jwt"
	TokenFile TokenKind = "file"
)

const (
	minTokenLife = 5 * time.Minute
	maxTokenLife = 24 * time.Hour
)

// validate does not look into a jwt's key: the bridge says why it cannot sign.
func (t *BridgeToken) validate(field string, b *Bridge) error {
	if *t == (BridgeToken{}) {
		return nil
	}
	if b.Password != "" {
		return FieldErrorf("password", "the token is the password: leave it empty, or choose no token")
	}
	if l := time.Duration(t.Lifetime); l != 0 && (l < minTokenLife || l > maxTokenLife) {
		return FieldErrorf(field+".lifetime", "%s is not between %s and %s", l, minTokenLife, maxTokenLife)
	}
	switch t.Kind {
	case TokenSAS:
		if key, err := base64.StdEncoding.DecodeString(t.Key.Reveal()); t.Key != Redacted && (err != nil || len(key) == 0) {
			return FieldErrorf(field+".key", "the key is not in Base64: copy the primary or secondary key of the device, all of it")
		}
		if b.ClientID == "" && (t.Resource == "" || t.Group) {
			return FieldErrorf("clientId", "a token for a device needs its name: enter the name of the device there")
		}
	case TokenJWT:
		if t.Key != Redacted && !strings.Contains(t.Key.Reveal(), "PRIVATE KEY-----") {
			return FieldErrorf(field+".key", "there is no private key in the text: it begins with -----BEGIN PRIVATE KEY-----")
		}
	case TokenFile:
		if !filepath.IsAbs(t.File) {
			return FieldErrorf(field+".file", "%q is no absolute path: begin it with /", t.File)
		}
	default:
		return FieldErrorf(field+".kind", "%q is not sas, jwt or file", t.Kind)
	}
	return nil
}
