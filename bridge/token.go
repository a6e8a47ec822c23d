package bridge

import (
	"bytes"
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

const (
	defaultTokenLife = time.Hour
	// tokenFileSize is more than any broker takes as a password.
	tokenFileSize = 64 << 10
	// clockSkew is how much earlier than now a token begins: the cloud's clock may be late.
	clockSkew = time.Minute
)

// errRenew ends a connection whose token is about to end; the next one begins at once, with a new token.
var errRenew = errors.New("the token is about to end")

// errToken is in front of what goes wrong before anything is dialled.
var errToken = errors.New("the token")

// password is what the next connection proves itself with, and when that ends; never when nobody knows.
func password(b *gateway.Bridge, now time.Time) (text string, ends time.Time, err error) {
	life := cmp.Or(time.Duration(b.Token.Lifetime), defaultTokenLife)
	ends = now.Add(life)
	switch b.Token.Kind {
	case gateway.TokenSAS:
		text, err = sasToken(b, ends)
	case gateway.TokenJWT:
		text, err = jwt(&b.Token, now, ends)
	case gateway.TokenFile:
		text, err = tokenOf(b.Token.File)
		ends = expiryOf(text)
	default:
		return b.Password.Reveal(), time.Time{}, nil
	}
	if err != nil {
		return "", time.Time{}, fmt.Errorf("%w: %w", errToken, err)
	}
	return text, ends, nil
}

// untilRenewal is how long a token that ends then may be used: a tenth of its life is kept for clocks that differ.
func untilRenewal(now, ends time.Time) time.Duration {
	left := ends.Sub(now)
	return left - min(max(left/10, 30*time.Second), 10*time.Minute)
}

// proves records until when the connection that begins may last.
func (b *Bridge) proves(ends time.Time) {
	b.tokenEnds = ends
	b.status.count(func(s *gateway.BridgeStatus) {
		s.TokenEnds = nil
		if !ends.IsZero() {
			s.TokenEnds = &ends
		}
	})
}

// renew returns errRenew when it is time for a new token. A token that is as good as over is used once in half a minute.
func (b *Bridge) renew(ctx context.Context) error {
	if b.tokenEnds.IsZero() {
		return nil
	}
	timer := time.NewTimer(max(untilRenewal(time.Now(), b.tokenEnds), 30*time.Second))
	defer timer.Stop()
	select {
	case <-timer.C:
		return errRenew
	case <-ctx.Done():
		return nil
	}
}

// sasToken is a shared access signature of Azure (Control access to IoT Hub using SAS tokens).
func sasToken(b *gateway.Bridge, ends time.Time) (string, error) {
	key, err := base64.StdEncoding.DecodeString(b.Token.Key.Reveal())
	if err != nil {
		return "", errors.New("its key is not in Base64")
	}
	if b.Token.Group {
		key = signature(key, b.ClientID)
	}
	u, err := url.Parse(b.URL)
	if err != nil {
		return "", fmt.Errorf("address of the broker: %w", err)
	}
	resource := url.QueryEscape(cmp.Or(b.Token.Resource, u.Hostname()+"/devices/"+b.ClientID))
	expiry := strconv.FormatInt(ends.Unix(), 10)
	sig := base64.StdEncoding.EncodeToString(signature(key, resource+"\n"+expiry))
	text := "SharedAccessSignature sr=" + resource + "&sig=" + url.QueryEscape(sig) + "&se=" + expiry
	if b.Token.Policy != "" {
		text += "&skn=" + url.QueryEscape(b.Token.Policy)
	}
	return text, nil
}

// signature is also how a device's key is derived from that of its group (Symmetric key attestation).
func signature(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// jwt is a signed JSON Web Token (RFC 7519) of the three claims that clouds look at.
func jwt(t *gateway.BridgeToken, now, ends time.Time) (string, error) {
	block, _ := pem.Decode([]byte(t.Key.Reveal()))
	if block == nil {
		return "", errors.New("its key is no PEM")
	}
	key, err := parseKey(block.Bytes)
	if err != nil {
		return "", err
	}
	algorithm, sign, err := signer(key)
	if err != nil {
		return "", err
	}
	claims := map[string]any{"iat": now.Add(-clockSkew).Unix(), "exp": ends.Unix()}
	if t.Audience != "" {
		claims["aud"] = t.Audience
	}
	head, err1 := json.Marshal(map[string]string{"alg": algorithm, "typ": "JWT"})
	body, err2 := json.Marshal(claims)
	if err := errors.Join(err1, err2); err != nil {
		return "", err
	}
	text := encode(head) + "." + encode(body)
	sig, err := sign([]byte(text))
	if err != nil {
		return "", fmt.Errorf("sign it: %w", err)
	}
	return text + "." + encode(sig), nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// parseKey knows the three forms in which keys are handed out.
func parseKey(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if s, ok := key.(crypto.Signer); ok {
			return s, nil
		}
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	return nil, errors.New("its key is no private key that is known here: use RSA, EC P-256 or Ed25519 without a passphrase")
}

// signer is the algorithm for a key (RFC 7518, 3; RFC 8037).
func signer(key crypto.Signer) (algorithm string, sign func([]byte) ([]byte, error), err error) {
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return "RS256", func(text []byte) ([]byte, error) {
			sum := sha256.Sum256(text)
			return rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		}, nil
	case *ecdsa.PrivateKey:
		if key.Curve != elliptic.P256() {
			break
		}
		return "ES256", func(text []byte) ([]byte, error) {
			sum := sha256.Sum256(text)
			r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
			if err != nil {
				return nil, err
			}
			return append(fixed(r), fixed(s)...), nil
		}, nil
	case ed25519.PrivateKey:
		return "EdDSA", func(text []byte) ([]byte, error) { return ed25519.Sign(key, text), nil }, nil
	}
	return "", nil, errors.New("its key is of another kind than RSA, EC P-256 or Ed25519")
}

// fixed is a number of P-256 in 32 bytes (RFC 7518, 3.4).
func fixed(n *big.Int) []byte { return n.FillBytes(make([]byte, 32)) }

// tokenOf reads a file with one line. Anything that is no token never leaves.
func tokenOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("open its file: %w", err)
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no ordinary file", path)
	}
	content, err := io.ReadAll(io.LimitReader(file, tokenFileSize+1))
	if err != nil {
		return "", fmt.Errorf("read its file: %w", err)
	}
	content = bytes.TrimSpace(content)
	printable := func(r rune) bool { return r < '!' || r > '~' }
	if len(content) == 0 || len(content) > tokenFileSize || bytes.ContainsFunc(content, printable) {
		return "", fmt.Errorf("%s does not have one token in one line and nothing else", path)
	}
	return string(content), nil
}

// expiryOf looks into a JSON Web Token; zero for everything else.
func expiryOf(token string) time.Time {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}
	}
	body, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	var claims struct {
		Expiry float64 `json:"exp"`
	}
	if err != nil || json.Unmarshal(body, &claims) != nil || claims.Expiry <= 0 {
		return time.Time{}
	}
	return time.Unix(int64(claims.Expiry), 0)
}
