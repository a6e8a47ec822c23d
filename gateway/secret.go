package gateway

// Secret is a text that prints and marshals as redacted. Reveal is the only way to see it.
type Secret string

// Redacted stands for a secret wherever one would be shown. An edit that carries it keeps the stored secret.
const Redacted = "********"

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return Redacted
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the secret in JSON, YAML and logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal gives the secret itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// secretField is a secret with its name in JSON and in words.
type secretField struct {
	secret     *Secret
	path, name string
}

func (b *Bridge) secrets() []secretField {
	return []secretField{
		{&b.Password, "password", "password"},
		{&b.Token.Key, "token.key", "key of the token"},
		{&b.TLS.Key, "tls.key", "key"},
		{&b.TLS.NewKey, "tls.newKey", "key of the requested certificate"},
		{&b.Proxy.Password, "proxy.password", "password of the proxy"},
	}
}

// KeepSecrets puts the secrets of stored in where b has only stars. Invalid, with the field's path below field, where
// none is stored.
func (b *Bridge) KeepSecrets(stored Bridge, field string) error {
	known := stored.secrets()
	for i, f := range b.secrets() {
		if *f.secret != Redacted {
			continue
		}
		if *known[i].secret == "" {
			return FieldErrorf(field+"."+f.path, "no %s is stored for bridge %q yet: enter it", f.name, b.ID)
		}
		*f.secret = *known[i].secret
	}
	return nil
}

// KeepSecrets puts the key of stored in where c has only stars; it does not follow the connection to another address. Invalid,
// with the field's path below field, where none is stored.
func (c *Connection) KeepSecrets(stored Connection, field string) error {
	switch {
	case c.TLS.Key != Redacted:
		return nil
	case stored.TLS.Key == "":
		return FieldErrorf(field+".tls.key", "no key is stored for connection %q yet: enter it", c.ID)
	case stored.URL != c.URL:
		return FieldErrorf(field+".tls.key", "enter the key again: it is kept for the stored address only")
	}
	c.TLS.Key = stored.TLS.Key
	return nil
}

// HiddenSecret is the path and the name of a field that has only stars; false when b has none.
func (b *Bridge) HiddenSecret() (path, name string, hidden bool) {
	for _, f := range b.secrets() {
		if *f.secret == Redacted {
			return f.path, f.name, true
		}
	}
	return "", "", false
}
