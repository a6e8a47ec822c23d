package gateway

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// secretNames are names of what nobody shall read in a log.
var secretNames = []string{
	"password", "passphrase", "secret", "token", "authorization", "cookie", "credential", "credentials", "key", "privatekey", "apikey",
}

// withoutDashes makes api-key, api_key and apikey one name; it is made once, since every attribute of the log passes here.
var withoutDashes = strings.NewReplacer("-", "", "_", "")

// IsSecretName reports whether a value of that name is to be redacted.
func IsSecretName(name string) bool {
	return slices.Contains(secretNames, strings.ToLower(withoutDashes.Replace(name)))
}

var (
	userInfo   = regexp.MustCompile(`(://[^/\s:@"']*):[^/\s@"']+@`)
	bearer     = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}`)
	privateKey = regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\z)`)
	signature  = regexp.MustCompile(`\b(sig|SharedAccessSignature|SharedAccessKey)=[^\s&;"']+`)
)

// RedactText takes out of a text what has the form of a secret: the password of an address, a private key, a bearer token, a
// shared access signature.
func RedactText(text string) string {
	if strings.Contains(text, "://") {
		text = userInfo.ReplaceAllString(text, "${1}:"+Redacted+"@")
	}
	if strings.Contains(text, "PRIVATE KEY") {
		text = privateKey.ReplaceAllString(text, Redacted)
	}
	text = signature.ReplaceAllString(text, "$1="+Redacted)
	return bearer.ReplaceAllString(text, "$1 "+Redacted)
}

// leastSecret is the length from which a secret is looked for in texts: shorter ones are parts of ordinary words.
const leastSecret = 5 // bytes

// Redactor takes the secrets of the configuration out of any text, wherever they got to, and what RedactText finds.
func (c *Config) Redactor() func(string) string {
	var pairs []string
	add := func(secret Secret) {
		for line := range strings.Lines(secret.Reveal()) {
			line = strings.TrimSpace(line)
			if len(line) < leastSecret || strings.HasPrefix(line, "-----") {
				continue
			}
			quoted, err := json.Marshal(line)
			if err == nil {
				pairs = append(pairs, strings.Trim(string(quoted), `"`), Redacted)
			}
			pairs = append(pairs, line, Redacted)
		}
	}
	for i := range c.Bridges {
		for _, f := range c.Bridges[i].secrets() {
			add(*f.secret)
		}
	}
	for i := range c.Connections {
		add(c.Connections[i].TLS.Key)
	}
	replacer := strings.NewReplacer(pairs...)
	return func(text string) string { return RedactText(replacer.Replace(text)) }
}
