package bridge_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	wire "github.com/tidegate/tidegate/mqtt/packet"
)

// groupKey and deviceKey are Microsoft's example (Symmetric key attestation, Group Enrollments).
const (
	groupKey  = "8isrFI1sGsIlvvFSSFRiMfCNzv21fjbE/+ah/lSh3lF8e2YG1Te7w1KpZhJFFXJrqYKi9yegxkqIChbqOS9Egw=="
	groupName = "sn-007-888-abc-mac-a1-b2-c3-d4-e5-f6"
	deviceKey = "Jsm0lyGpjaVYVP2g3FnmnmG9dI/9qU24wNoykUmermc="
)

// admitsSAS is how IoT Hub checks a token, with the key that it has of the device.
func admitsSAS(hello *wire.Connect) (ends time.Time, ok bool) {
	text, is := strings.CutPrefix(string(hello.Password), "SharedAccessSignature ")
	fields, err := url.ParseQuery(text)
	if err != nil || !is {
		return ends, false
	}
	key, _ := base64.StdEncoding.DecodeString(deviceKey)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(url.QueryEscape(fields.Get("sr")) + "\n" + fields.Get("se")))
	sig, _ := base64.StdEncoding.DecodeString(fields.Get("sig"))
	seconds, err := strconv.ParseInt(fields.Get("se"), 10, 64)
	ends = time.Unix(seconds, 0)
	return ends, err == nil && hmac.Equal(sig, mac.Sum(nil)) && fields.Get("sr") == "cloud.example/devices/"+hello.ClientID &&
		time.Now().Before(ends)
}

// TestSASTokensAreRenewedBeforeTheyEnd drives two days at a cloud that closes when a token ends.
func TestSASTokensAreRenewedBeforeTheyEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud, p := newStrictCloud(t, "azure-iot-hub"), newPlant(t)
		cloud.clientID, cloud.admits = groupName, admitsSAS
		config := cloudy(t, "azure-iot-hub")
		config.ClientID, config.Password = groupName, ""
		config.Token = gateway.BridgeToken{Kind: gateway.TokenSAS, Key: groupKey, Group: true}
		config.Routes = config.Routes[:1]
		config.Routes[0].Topic = "devices/" + groupName + "/messages/events/{#}"
		if err := alone(config); err != nil {
			t.Fatal(err)
		}
		b, stop := p.run(config, bridge.Options{Dial: cloud.dial})
		eventually(t, "the bridge is up", isUp(b))
		for i := range 48 {
			p.publish("line/a", 1, i+1, i+1)
			time.Sleep(time.Hour)
		}
		if s := b.Status(); !p.empty() || s.TokenEnds == nil || time.Until(*s.TokenEnds) <= 0 || time.Until(*s.TokenEnds) > time.Hour {
			t.Errorf("status %+v", s)
		}
		stop()
		if got, tokens := cloud.messages(), len(cloud.connects); len(cloud.violations()) > 0 || len(got) != 48 || tokens < 48 || tokens > 60 {
			t.Errorf("%d messages over %d tokens: %v", len(got), tokens, cloud)
		}
	})
}

func pemOf(tb testing.TB, key any) gateway.Secret {
	tb.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return gateway.Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// verified checks a JSON Web Token with a public key, and returns its claims.
func verified(public any, token string) (claims struct {
	Aud      string
	Iat, Exp int64
}, ok bool,
) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return claims, false
	}
	signed, sum := []byte(parts[0]+"."+parts[1]), sha256.Sum256([]byte(parts[0]+"."+parts[1]))
	sig, _ := base64.RawURLEncoding.DecodeString(parts[2])
	body, _ := base64.RawURLEncoding.DecodeString(parts[1])
	if json.Unmarshal(body, &claims) != nil {
		return claims, false
	}
	switch key := public.(type) {
	case *rsa.PublicKey:
		ok = rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig) == nil
	case *ecdsa.PublicKey:
		ok = len(sig) == 64 && ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
	case ed25519.PublicKey:
		ok = ed25519.Verify(key, signed, sig)
	}
	return claims, ok
}

func TestJSONWebTokensAreSignedAndRenewed(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"RSA": rsaKey, "EC": cloudCA.private, "Ed25519": edKey} {
		t.Run(name, func(t *testing.T) {
			text := pemOf(t, key)
			synctest.Test(t, func(t *testing.T) {
				cloud, p := newStrictCloud(t, "hivemq-cloud"), newPlant(t)
				cloud.admits = func(hello *wire.Connect) (time.Time, bool) {
					claims, ok := verified(key.Public(), string(hello.Password))
					ends := time.Unix(claims.Exp, 0)
					return ends, ok && claims.Aud == "my-project" && claims.Iat <= time.Now().Unix() && time.Now().Before(ends)
				}
				config := cloudy(t, "hivemq-cloud")
				config.Password, config.Routes = "", config.Routes[:1]
				config.Token = gateway.BridgeToken{Kind: gateway.TokenJWT, Key: text, Audience: "my-project", Lifetime: gateway.Duration(10 * time.Minute)}
				if err := alone(config); err != nil {
					t.Fatal(err)
				}
				b, stop := p.run(config, bridge.Options{Dial: cloud.dial})
				eventually(t, "the bridge is up", isUp(b))
				time.Sleep(time.Hour)
				stop()
				if len(cloud.violations()) > 0 || len(cloud.connects) != 7 {
					t.Errorf("%d connections: %v", len(cloud.connects), cloud)
				}
			})
		})
	}
}

// TestTokensOfAFileAreReadForEachConnection, and nothing but a token leaves it.
func TestTokensOfAFileAreReadForEachConnection(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Error(err)
		}
	}
	write("-----BEGIN PRIVATE KEY-----\nsecret\n")
	synctest.Test(t, func(t *testing.T) {
		cloud, p := newStrictCloud(t, "hivemq-cloud"), newPlant(t)
		cloud.admits = func(hello *wire.Connect) (time.Time, bool) {
			return time.Now().Add(10 * time.Minute), string(hello.Password) == "second"
		}
		config := cloudy(t, "hivemq-cloud")
		config.Password, config.Routes = "", config.Routes[:1]
		config.Token = gateway.BridgeToken{Kind: gateway.TokenFile, File: path}
		b, stop := p.run(config, bridge.Options{Dial: cloud.dial})
		eventually(t, "it says what is wrong", func() bool { return strings.Contains(b.Status().Reason, "its file") })
		if len(cloud.connects) > 0 {
			t.Errorf("%q was sent", cloud.connects[0].Password)
		}
		write("first\n")
		eventually(t, "the cloud refuses it", func() bool { return len(cloud.violations()) > 0 })
		write("second\n")
		eventually(t, "the bridge is up", isUp(b))
		stop()
	})
}

func TestSecretsOfTokensAreHidden(t *testing.T) {
	b := gateway.Bridge{Token: gateway.BridgeToken{Kind: gateway.TokenSAS, Key: "canary"}}
	text, err := json.Marshal(b)
	if err != nil || strings.Contains(string(text), "canary") || !strings.Contains(string(text), gateway.Redacted) {
		t.Errorf("%s %v", text, err)
	}
	stored := b
	b.Token.Key = gateway.Redacted
	if err := b.KeepSecrets(stored, "bridge"); err != nil || b.Token.Key != "canary" {
		t.Errorf("key %q: %v", b.Token.Key.Reveal(), err)
	}
}

func TestPinnedKeys(t *testing.T) {
	cloud, p := newStrictCloud(t, "mosquitto"), newPlant(t)
	dial := cloud.overTCP()
	leaf, err := x509.ParseCertificate(cloud.tls.Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	config := cloudy(t, "mosquitto")
	config.TLS.Pins = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	b, stop := p.run(config, bridge.Options{Dial: dial})
	eventually(t, "another key is refused", func() bool { return strings.Contains(b.Status().Reason, "another key") })
	stop()
	config.TLS.Pins += " sha256/" + base64.StdEncoding.EncodeToString(sum[:])
	if err := alone(config); err != nil {
		t.Error(err)
	}
	b, stop = p.run(config, bridge.Options{Dial: dial})
	eventually(t, "one of two pins is enough", isUp(b))
	stop()
}
