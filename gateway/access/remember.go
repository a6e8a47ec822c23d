package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"

	"github.com/tidegate/tidegate/gateway"
)

// Passwords of MQTT clients that were right are remembered, so that hundreds of clients can come back at once: one keyed
// hash for each account, in memory, under a key that ends with the process. Any change of the account forgets it. What
// is wrong is as expensive as ever.

func newMemoryKey() []byte {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails
	return key
}

// mark stands for a right password. The stored hash is part of it: it belongs to this password of this account only.
func (a *Access) mark(account gateway.Account, password string) (mark [sha256.Size]byte) {
	mac := hmac.New(sha256.New, a.memoryKey)
	for _, part := range []string{account.Name, "\x00", account.PasswordHash, "\x00", password} {
		mac.Write([]byte(part))
	}
	return [sha256.Size]byte(mac.Sum(nil))
}

// remembers reports whether this was right before.
func (a *Access) remembers(account gateway.Account, password string) bool {
	if account.PasswordHash == "" {
		return false
	}
	mark := a.mark(account, password)
	a.mu.Lock()
	known, is := a.marks[account.Name]
	a.mu.Unlock()
	return is && hmac.Equal(known[:], mark[:])
}

// remember does nothing when the account was changed meanwhile.
func (a *Access) remember(account gateway.Account, password string) {
	mark := a.mark(account, password)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.accounts[account.Name].PasswordHash == account.PasswordHash {
		a.marks[account.Name] = mark
	}
}
