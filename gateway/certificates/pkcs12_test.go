package certificates_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/tidegate/tidegate/gateway"
)

// TestAPKCS12FileCannotKeepTheProcessorBusy has endless iterations where they can be seen before, and inside of an encrypted
// part, where they cannot.
func TestAPKCS12FileCannotKeepTheProcessorBusy(t *testing.T) {
	t.Parallel()
	leaf := newServer(t, nil, "edge.example")
	pkcs8, err := x509.MarshalPKCS8PrivateKey(leaf.key)
	if err != nil {
		t.Fatal(err)
	}
	algorithm, _ := pbes2(t, 1<<31-1)
	endless := struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}{algorithm, make([]byte, 16)}
	hidden := encryptedPart(t, der(t, []bag{{shroudedKeyBag, explicit(der(t, endless))}}))
	visible := bag{dataPart, explicit(der(t, der(t, []bag{{keyBag, explicit(pkcs8)}})))}
	open := bag{dataPart, explicit(der(t, der(t, []bag{{shroudedKeyBag, explicit(der(t, endless))}})))}
	set := newMachine(t).mustOpen(t)
	for name, c := range map[string]struct {
		parts []bag
		text  string
	}{
		"behind": {[]bag{visible, hidden}, "one key"}, "in front": {[]bag{hidden, visible}, "one key"}, "alone": {[]bag{hidden}, "part of its own"},
		"open": {[]bag{open}, "iterations"},
	} {
		begin := time.Now()
		_, err := set.CheckCertificate(gateway.CertificateUpload{PKCS12: signedPFX(t, der(t, c.parts)), Password: hiddenPassword})
		wantField(t, name, err, "pkcs12", c.text)
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s: refused after %s", name, took)
		}
	}
}

const hiddenPassword = "open sesame"

var (
	dataPart       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	encryptedType  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 6}
	keyBag         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 1}
	shroudedKeyBag = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 2}
)

// bag is a type with its content; parts of a file look alike.
type bag struct {
	ID    asn1.ObjectIdentifier
	Value asn1.RawValue
}

func der(t *testing.T, v any) []byte {
	t.Helper()
	data, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func explicit(data []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: data}
}

// pbes2 gives an algorithm with its key, which is the zero one where deriving it takes for ever.
func pbes2(t *testing.T, iterations int) (pkix.AlgorithmIdentifier, []byte) {
	t.Helper()
	salt, key := []byte("saltsalt"), make([]byte, 32)
	if iterations < 10_000 {
		var err error
		if key, err = pbkdf2.Key(sha256.New, hiddenPassword, salt, iterations, 32); err != nil {
			t.Fatal(err)
		}
	}
	prf := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}, Parameters: asn1.NullRawValue}
	derivation := der(t, struct {
		Salt       []byte
		Iterations int
		PRF        pkix.AlgorithmIdentifier
	}{salt, iterations, prf})
	scheme := der(t, []pkix.AlgorithmIdentifier{
		{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}, Parameters: asn1.RawValue{FullBytes: derivation}},
		{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, Parameters: asn1.RawValue{FullBytes: der(t, make([]byte, 16))}},
	})
	return pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}, Parameters: asn1.RawValue{FullBytes: scheme}}, key
}

func encryptedPart(t *testing.T, content []byte) bag {
	t.Helper()
	algorithm, key := pbes2(t, 1000)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	padding := 16 - len(content)%16
	content = append(content, bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(block, make([]byte, 16)).CryptBlocks(content, content)
	type info struct {
		Type      asn1.ObjectIdentifier
		Algorithm pkix.AlgorithmIdentifier
		Encrypted asn1.RawValue
	}
	return bag{encryptedType, explicit(der(t, struct {
		Version int
		Content info
	}{0, info{dataPart, algorithm, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, Bytes: content}}}))}
}

// signedPFX has the right sum, so that everything else is looked at.
func signedPFX(t *testing.T, content []byte) []byte {
	t.Helper()
	text := []byte{}
	for _, unit := range append(utf16.Encode([]rune(hiddenPassword)), 0) {
		text = append(text, byte(unit>>8), byte(unit))
	}
	fill := func(b []byte) []byte { return bytes.Repeat(b, 64)[:64] }
	key := sha1.Sum(bytes.Join([][]byte{fill([]byte{3}), fill([]byte("salt")), fill(text)}, nil))
	sum := hmac.New(sha1.New, key[:])
	sum.Write(content)
	type digest struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
	type signed struct {
		Mac  digest
		Salt []byte
	}
	return der(t, struct {
		Version int
		Content bag
		Mac     signed
	}{3, bag{dataPart, explicit(der(t, content))}, signed{digest{pkix.AlgorithmIdentifier{
		Algorithm: asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, Parameters: asn1.NullRawValue,
	}, sum.Sum(nil)}, []byte("salt")}})
}
