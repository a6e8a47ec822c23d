package access

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/tidegate/tidegate/gateway"
)

// The cost of a hash: OWASP's second recommendation for argon2id, 19 MiB and 2 passes, some 25 ms on a server and 100 ms
// on a small board.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	saltSize  = 16
	keySize   = 32
)

const (
	// maxHashing is how many hashes are computed at the same time: each needs its memory, and none may starve the plant.
	maxHashing = 2
	// hashingPatience is how long one waits for its turn.
	hashingPatience = 10 * time.Second
)

// hasher computes hashes, few at a time.
type hasher struct {
	turns chan struct{} // one place for each hash that is being computed
	// dummy is checked for names that do not exist, so that they take as long as others.
	dummy string
}

func newHasher() *hasher {
	h := &hasher{turns: make(chan struct{}, maxHashing)}
	h.dummy = encode(salt(), make([]byte, keySize), memoryKiB, passes, lanes)
	return h
}

func salt() []byte {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	return salt
}

// wait gives a turn; done ends it.
func (h *hasher) wait(ctx context.Context) (done func(), err error) {
	patience := time.NewTimer(hashingPatience)
	defer patience.Stop()
	select {
	case h.turns <- struct{}{}:
		return func() { <-h.turns }, nil
	case <-patience.C:
		return nil, gateway.Errorf(gateway.Unavailable, "too many log-ins at the same time: try again in a moment")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hash makes a PHC string with a new salt.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	done, err := h.wait(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	salt := salt()
	key := argon2.IDKey([]byte(password), salt, passes, memoryKiB, lanes, keySize)
	return encode(salt, key, memoryKiB, passes, lanes), nil
}

// evaluate checks the password of an account when its turn comes; right attempts are not counted. For an account without a
// hash it computes one all the same, and says no. TooMany: the address has tried too often; Unavailable: too many wait.
func (a *Access) evaluate(ctx context.Context, attempts *limiter, address string, account gateway.Account, password string,
) (right bool, err error) {
	if !attempts.open(address) {
		return false, errTooMany()
	}
	done, err := a.hasher.wait(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	if a.remembers(account, password) {
		return true, nil // another client of the same account was here meanwhile
	}
	// Counted only now: of many right ones at the same time the last ones must not be refused.
	if !attempts.take(address) {
		return false, errTooMany()
	}
	if right, err = a.hasher.compare(account.PasswordHash, password); right {
		attempts.giveBack(address)
		if account.MQTT != nil {
			a.remember(account, password)
		}
	}
	return right, err
}

// compare is for who has a turn.
func (h *hasher) compare(phc, password string) (bool, error) {
	unknown := phc == ""
	if unknown {
		phc = h.dummy
	}
	stored, err := decode(phc)
	if err != nil {
		return false, err
	}
	if len(password) > maxPasswordBytes {
		password = password[:maxPasswordBytes] // too long to be right; see checkPassword
	}
	key := argon2.IDKey([]byte(password), stored.salt, stored.passes, stored.memory, stored.lanes, uint32(len(stored.key)))
	same := subtle.ConstantTimeCompare(key, stored.key) == 1
	return same && !unknown, nil
}

func encode(salt, key []byte, memory, passes uint32, lanes uint8) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

type phc struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

// decode reads $argon2id$v=19$m=19456,t=2,p=1$salt$key. What would cost too much or too little is refused.
func decode(text string) (phc, error) {
	var p phc
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, fmt.Errorf("the stored password hash is not of argon2id version %d", argon2.Version)
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.lanes); err != nil {
		return p, fmt.Errorf("read the cost of the stored password hash: %w", err)
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return p, fmt.Errorf("read the salt of the stored password hash: %w", err)
	}
	if p.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return p, fmt.Errorf("read the key of the stored password hash: %w", err)
	}
	if p.memory < 8 || p.memory > 64*1024 || p.passes < 1 || p.passes > 10 || p.lanes < 1 ||
		len(p.salt) < 8 || len(p.key) < 16 || len(p.key) > 64 {
		return p, fmt.Errorf("the cost of the stored password hash is out of bounds: %s", parts[3])
	}
	return p, nil
}

// The lengths of a password, in characters. Long ones are welcome, but not as a way to keep the gateway busy.
const (
	minPassword      = 8
	maxPassword      = 128
	maxPasswordBytes = maxPassword*utf8.UTFMax + 1
)

var namePattern = regexp.MustCompile(`^[\p{L}\p{N}]([\p{L}\p{N} ._@-]{0,62}[\p{L}\p{N}])?$`)

func checkName(name string) error {
	if !namePattern.MatchString(name) {
		return gateway.FieldErrorf("name", "use 1 to 64 letters and digits, with blanks and . _ @ - between them")
	}
	return nil
}

//go:embed common.txt
var common string

// checkPassword refuses what is guessed first. It asks for no digits and signs, which make passwords worse.
func checkPassword(password, name string) error {
	length := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return gateway.FieldErrorf("password", "the password is not text")
	case length < minPassword:
		return gateway.FieldErrorf("password", "the password is too short: use at least %d characters, better 15", minPassword)
	case length > maxPassword:
		return gateway.FieldErrorf("password", "the password is too long: use at most %d characters", maxPassword)
	case isCommon(password, name):
		return gateway.FieldErrorf("password", "this password is among the first that are tried: choose another one")
	}
	return nil
}

// CheckPassphrase refuses for backups what is refused for users.
func CheckPassphrase(passphrase string) error {
	if err := checkPassword(passphrase, "tidegate"); err != nil {
		err := gateway.FieldErrorf("passphrase", "%w", err)
		return err
	}
	return nil
}

// isCommon knows the words of common.txt and the name of the user, also with digits and signs around them, one or two
// characters over and over, and short rows of digits.
func isCommon(password, name string) bool {
	lower := strings.ToLower(password)
	core := strings.Trim(lower, "0123456789!?.,;:#$%&*+-_=@ ")
	if core == strings.ToLower(name) || distinct(lower) <= 2 || core == "" && len(lower) < 15 {
		return true
	}
	words := bufio.NewScanner(strings.NewReader(common))
	for words.Scan() {
		if word := words.Text(); word != "" && (word == lower || word == core) {
			return true
		}
	}
	return false
}

func distinct(text string) int {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}
