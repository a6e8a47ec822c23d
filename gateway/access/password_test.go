package access

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// These tests are inside of the package: how many hashes are computed at once, and how many addresses are remembered,
// cannot be seen from outside.

func TestAtMostTwoHashesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher()
		var ends []func()
		for range maxHashing {
			done, err := h.wait(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ends = append(ends, done)
		}
		start := time.Now()
		if _, err := h.hash(t.Context(), "x"); gateway.CodeOf(err) != gateway.Unavailable {
			t.Errorf("a third one: %v", err)
		}
		if waited := time.Since(start); waited != hashingPatience {
			t.Errorf("waited %v", waited)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := h.hash(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with a shorter deadline: %v", err)
		}
		ends[0]()
		if _, err := h.hash(t.Context(), "x"); err != nil {
			t.Errorf("after one has ended: %v", err)
		}
	})
}

func TestTheLimiterIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter()
		for i := range 2 * maxAddresses {
			if !l.take(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)) {
				t.Fatal("a new address is refused")
			}
			if i == maxAddresses {
				time.Sleep(30 * time.Second)
			}
		}
		if len(l.attempts) > maxAddresses {
			t.Errorf("%d addresses", len(l.attempts))
		}
		time.Sleep(time.Minute)
		l.take("192.0.2.1")
		if len(l.attempts) != 1 {
			t.Errorf("%d addresses after a quiet minute", len(l.attempts))
		}
	})
}

func TestGiveBack(t *testing.T) {
	l := newLimiter()
	for range 3 * attemptsPerMinute {
		if !l.take("192.0.2.1") {
			t.Fatal("right attempts are counted")
		}
		l.giveBack("192.0.2.1")
	}
}

func FuzzDecodeHash(f *testing.F) {
	f.Add(newHasher().dummy)
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA")
	f.Add("$argon2id$v=19$m=4294967295,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := decode(text)
		if err == nil && (p.memory > 64*1024 || p.passes == 0 || p.passes > 10 || p.lanes == 0 || len(p.key) < 16) {
			t.Errorf("%q: %+v", text, p)
		}
	})
}
