package certificates

import (
	"bytes"
	"crypto"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"hash"
	"unicode/utf16"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/tidegate/tidegate/gateway"
)

// mostIterations of a derivation of keys: a second of work on a small device. Tools make 2,048 to 600,000.
const mostIterations = 1_000_000

// errIterations is for a file that would keep the processor busy for minutes, or for ever.
var errIterations = errors.New("its keys are derived with too many iterations")

// The parts of a PFX that are looked at (RFC 7292, 4).
type (
	pfx struct {
		Version  int
		AuthSafe contentInfo
		MacData  asn1.RawValue `asn1:"optional"`
	}
	contentInfo struct {
		ContentType asn1.ObjectIdentifier
		Content     asn1.RawValue `asn1:"tag:0,explicit,optional"`
	}
	safeBag struct {
		ID         asn1.ObjectIdentifier
		Value      asn1.RawValue `asn1:"tag:0,explicit"`
		Attributes asn1.RawValue `asn1:"set,optional"`
	}
	encryptedData struct {
		Version int
		Content struct {
			ContentType asn1.ObjectIdentifier
			Algorithm   pkix.AlgorithmIdentifier
			Encrypted   asn1.RawValue `asn1:"tag:0,optional"`
		}
	}
	encryptedKey struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	macData struct {
		Mac struct {
			Algorithm pkix.AlgorithmIdentifier
			Digest    []byte
		}
		Salt       []byte
		Iterations int `asn1:"optional,default:1"`
	}
)

var (
	oidData        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidEncrypted   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 6}
	oidKeyBag      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 1}
	oidShroudedKey = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 2}
	oidSHA1        = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
)

func readPKCS12(data []byte, password string) (*material, error) {
	key, leaf, others, err := decodeBounded(data, password)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword), errors.Is(err, pkcs12.ErrDecryption):
		return nil, gateway.FieldErrorf("password", "this is not the password of the file")
	case err != nil:
		return nil, gateway.FieldErrorf("pkcs12", "this is no PKCS#12 file with one key and its certificate: %w", err)
	}
	signer, is := key.(crypto.Signer)
	if !is {
		return nil, gateway.FieldErrorf("pkcs12", "a key of this kind cannot be used: use RSA or ECDSA")
	}
	return &material{append([]*x509.Certificate{leaf}, others...), signer}, nil
}

// decodeBounded decodes a file whose derivations are bounded. A key inside of an encrypted part has a number of iterations
// that cannot be seen before, so the file is put together anew with the key that can be seen first: the library refuses a
// second one before it derives anything. The sum over the file is verified before and replaced.
func decodeBounded(data []byte, password string) (key any, leaf *x509.Certificate, others []*x509.Certificate, err error) {
	var file pfx
	if err := whole(data, &file); err != nil {
		return nil, nil, nil, err
	}
	var content []byte
	if err := whole(file.AuthSafe.Content.Bytes, &content); err != nil {
		return nil, nil, nil, err
	}
	var parts []contentInfo
	if err := whole(content, &parts); err != nil {
		return nil, nil, nil, err
	}
	if err := verify(file.MacData, content, password); err != nil {
		return nil, nil, nil, err
	}
	ordered, err := keyFirst(parts)
	if err != nil {
		return nil, nil, nil, err
	}
	again, err := summed(file, ordered, password)
	if err != nil {
		return nil, nil, nil, err
	}
	return pkcs12.DecodeChain(again, password)
}

// whole decodes all of it or nothing.
func whole(data []byte, into any) error {
	rest, err := asn1.Unmarshal(data, into)
	if err == nil && len(rest) > 0 {
		err = errors.New("there is something behind its end")
	}
	return err
}

// keyFirst puts the part in which a key can be seen in front of those that are encrypted as a whole.
func keyFirst(parts []contentInfo) ([]contentInfo, error) {
	var plain, encrypted []contentInfo
	for _, part := range parts {
		hasKey, err := look(part)
		switch {
		case err != nil:
			return nil, err
		case hasKey:
			plain = append([]contentInfo{part}, plain...)
		case part.ContentType.Equal(oidData):
			plain = append(plain, part)
		default:
			encrypted = append(encrypted, part)
		}
	}
	if len(plain) == 0 {
		return nil, errors.New("its key is not in a part of its own: export it anew, with openssl pkcs12 -export")
	}
	ordered := append(plain, encrypted...)
	if hasKey, err := look(ordered[0]); err != nil || !hasKey {
		return nil, errors.Join(err, errors.New("its key is not in a part of its own: export it anew, with openssl pkcs12 -export"))
	}
	return ordered, nil
}

// look bounds what can be seen of a part.
func look(part contentInfo) (hasKey bool, err error) {
	if part.ContentType.Equal(oidEncrypted) {
		var data encryptedData
		if err := whole(part.Content.Bytes, &data); err != nil {
			return false, err
		}
		return false, bounded(data.Content.Algorithm.Parameters.FullBytes)
	}
	var content []byte
	if err := whole(part.Content.Bytes, &content); err != nil {
		return false, err
	}
	var bags []safeBag
	if err := whole(content, &bags); err != nil {
		return false, err
	}
	for _, bag := range bags {
		hasKey = hasKey || bag.ID.Equal(oidKeyBag)
		if bag.ID.Equal(oidShroudedKey) {
			hasKey = true
			var shrouded encryptedKey
			if err := whole(bag.Value.Bytes, &shrouded); err != nil {
				return false, err
			}
			if err := bounded(shrouded.Algorithm.Parameters.FullBytes); err != nil {
				return false, err
			}
		}
	}
	return hasKey, nil
}

// bounded looks for a number that is too large in the parameters of an algorithm, whatever its name: all schemes have their
// iterations there, beside lengths that are smaller (RFC 8018, A).
func bounded(parameters []byte) error {
	for len(parameters) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(parameters, &v)
		if err != nil {
			return err
		}
		parameters = rest
		if v.IsCompound {
			if err := bounded(v.Bytes); err != nil {
				return err
			}
		}
		if v.Class == asn1.ClassUniversal && v.Tag == asn1.TagInteger {
			var n int64
			if _, err := asn1.Unmarshal(v.FullBytes, &n); err != nil || n < 0 || n > mostIterations {
				return errIterations
			}
		}
	}
	return nil
}

// sums are those that tools sign with, and the size of their blocks (RFC 7292, B.2).
var sums = map[string]struct {
	make  func() hash.Hash
	block int
}{
	oidSHA1.String():         {sha1.New, 64},
	"2.16.840.1.101.3.4.2.1": {sha256.New, 64},
	"2.16.840.1.101.3.4.2.2": {sha512.New384, 128},
	"2.16.840.1.101.3.4.2.3": {sha512.New, 128},
}

// verify knows whether the password is right. A sum of another kind, or none, leaves that to what is decrypted.
func verify(encoded asn1.RawValue, content []byte, password string) error {
	if len(encoded.FullBytes) == 0 {
		return nil
	}
	var mac macData
	if err := whole(encoded.FullBytes, &mac); err != nil {
		return err
	}
	if mac.Iterations < 0 || mac.Iterations > mostIterations {
		return errIterations
	}
	if _, known := sums[mac.Mac.Algorithm.Algorithm.String()]; !known || len(mac.Salt) == 0 || password == "" {
		return nil
	}
	if !hmac.Equal(mac.sum(content, password), mac.Mac.Digest) {
		return pkcs12.ErrIncorrectPassword
	}
	return nil
}

// sum is HMAC with a key as long as the sum itself, for which the derivation of RFC 7292, B.2 is the sum of a sum and so on
// of purpose, salt and password.
func (m *macData) sum(content []byte, password string) []byte {
	kind := sums[m.Mac.Algorithm.Algorithm.String()]
	var text []byte
	for _, unit := range append(utf16.Encode([]rune(password)), 0) {
		text = append(text, byte(unit>>8), byte(unit))
	}
	const purpose = 3
	key := bytes.Join([][]byte{bytes.Repeat([]byte{purpose}, kind.block), filled(m.Salt, kind.block), filled(text, kind.block)}, nil)
	for range max(m.Iterations, 1) {
		h := kind.make()
		h.Write(key)
		key = h.Sum(nil)
	}
	sum := hmac.New(kind.make, key)
	sum.Write(content)
	return sum.Sum(nil)
}

// filled repeats text until it fills whole blocks.
func filled(text []byte, block int) []byte {
	size := (len(text) + block - 1) / block * block
	return bytes.Repeat(text, size/len(text)+1)[:size]
}

// summed puts the parts together and signs them with the password.
func summed(file pfx, parts []contentInfo, password string) ([]byte, error) {
	content, err := asn1.Marshal(parts)
	if err != nil {
		return nil, err
	}
	octets, err := asn1.Marshal(content)
	if err != nil {
		return nil, err
	}
	mac := macData{Salt: []byte("tidegate"), Iterations: 1}
	mac.Mac.Algorithm = pkix.AlgorithmIdentifier{Algorithm: oidSHA1, Parameters: asn1.NullRawValue}
	mac.Mac.Digest = mac.sum(content, password)
	encoded, err := asn1.Marshal(mac)
	if err != nil {
		return nil, err
	}
	file.AuthSafe.Content = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: octets}
	file.MacData = asn1.RawValue{FullBytes: encoded}
	return asn1.Marshal(file)
}
