package bridge_test

import (
	"bytes"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// cable is a TCP link to the cloud that a test makes worse: it stalls, resets, delays, truncates, closes one way only.
type cable struct {
	tb      testing.TB
	target  string
	address string

	mu sync.Mutex // guards everything that follows
	// passing is closed while bytes pass; a new one takes its place while the wire stalls.
	passing chan struct{}
	open    map[*pair]struct{}
	// refuse: connections end at once. upBudget and downBudget end each connection after so many bytes; 0 is never.
	refuse               bool
	upBudget, downBudget func() int
	// mute: new connections hear no acknowledgement of the cloud, and everything else.
	mute     bool
	up, down time.Duration
	faults   int
}

// pair is one connection through the wire.
type pair struct {
	near, far *net.TCPConn
	// unacknowledged has the beginning of a packet of a cloud that is mute; nil for others.
	unacknowledged *bytes.Buffer
}

// heard is what the bridge hears of what the cloud says.
func (p *pair) heard(data []byte) []byte {
	if p.unacknowledged == nil {
		return data
	}
	var heard []byte
	p.unacknowledged.Write(data)
	for size := packetSize(p.unacknowledged.Bytes()); size > 0; size = packetSize(p.unacknowledged.Bytes()) {
		switch packet := p.unacknowledged.Next(size); packet[0] >> 4 {
		case 4, 5, 7: // PUBACK, PUBREC, PUBCOMP
		default:
			heard = append(heard, packet...)
		}
	}
	return heard
}

func newCable(tb testing.TB, target string) *cable {
	tb.Helper()
	w := &cable{tb: tb, target: target, open: map[*pair]struct{}{}, passing: make(chan struct{})}
	close(w.passing)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	w.address = listener.Addr().String()
	var connections sync.WaitGroup
	connections.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Go(func() { w.carry(conn.(*net.TCPConn)) }) //nolint:forcetypeassert // the listener is TCP
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		w.heal()
		w.each(func(p *pair) { p.close() })
		connections.Wait()
	})
	return w
}

func (w *cable) carry(near *net.TCPConn) {
	far, err := net.Dial("tcp", w.target)
	w.mu.Lock()
	refuse, mute, upBudget, downBudget := w.refuse, w.mute, w.upBudget, w.downBudget
	w.mu.Unlock()
	if err != nil || refuse {
		_ = near.Close()
		if err == nil {
			_ = far.Close()
		}
		return
	}
	p := &pair{near: near, far: far.(*net.TCPConn)} //nolint:forcetypeassert // it was dialled over TCP
	if mute {
		w.count()
		p.unacknowledged = &bytes.Buffer{}
	}
	w.mu.Lock()
	w.open[p] = struct{}{}
	w.mu.Unlock()
	var ways sync.WaitGroup
	ways.Go(func() { w.copy(p, p.far, p.near, true, budgetOf(upBudget)) })
	ways.Go(func() { w.copy(p, p.near, p.far, false, budgetOf(downBudget)) })
	ways.Wait()
	p.close()
	w.mu.Lock()
	delete(w.open, p)
	w.mu.Unlock()
}

func budgetOf(random func() int) int {
	if random == nil {
		return -1
	}
	return random()
}

// late is what arrives later.
type late struct {
	data []byte
	due  time.Time
}

// copy carries one direction, each piece after the delay; budget < 0 has no end.
func (w *cable) copy(p *pair, to, from *net.TCPConn, upward bool, budget int) {
	pieces := make(chan late, 1024)
	var writing sync.WaitGroup
	writing.Go(func() {
		for piece := range pieces {
			time.Sleep(time.Until(piece.due)) //nolint:forbidigo // the length of the wire
			w.wait()
			_, _ = to.Write(piece.data)
		}
		_ = to.CloseWrite()
	})
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		over := budget >= 0 && n >= budget
		if over {
			n = budget
		}
		if n > 0 {
			data := buf[:n]
			if !upward {
				data = p.heard(data)
			}
			pieces <- late{bytes.Clone(data), time.Now().Add(w.delay(upward))}
		}
		if budget >= 0 {
			budget -= n
		}
		if over {
			w.count()
		}
		if over || err != nil {
			break
		}
	}
	close(pieces)
	writing.Wait()
	if budget == 0 {
		p.close()
	}
}

func (w *cable) delay(upward bool) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if upward {
		return w.up
	}
	return w.down
}

// wait returns when bytes pass.
func (w *cable) wait() {
	w.mu.Lock()
	passing := w.passing
	w.mu.Unlock()
	<-passing
}

func (w *cable) count() {
	w.mu.Lock()
	w.faults++
	w.mu.Unlock()
}

func (w *cable) counted() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.faults
}

// stall keeps connections open and lets nothing pass, until heal.
func (w *cable) stall() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults++
	select {
	case <-w.passing:
		w.passing = make(chan struct{})
	default:
	}
}

// heal ends everything that is wrong with the wire; connections that were harmed stay as they are.
func (w *cable) heal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refuse, w.mute, w.upBudget, w.downBudget, w.up, w.down = false, false, nil, nil, 0, 0
	select {
	case <-w.passing:
	default:
		close(w.passing)
	}
}

func (w *cable) each(f func(*pair)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for p := range w.open {
		f(p)
	}
}

// reset ends all connections with RST: what was on its way is lost.
func (w *cable) reset() {
	w.count()
	w.each(func(p *pair) {
		_ = p.near.SetLinger(0)
		_ = p.far.SetLinger(0)
		p.close()
	})
}

// halfClose ends one direction of all connections.
func (w *cable) halfClose() {
	w.count()
	w.each(func(p *pair) {
		if rand.IntN(2) == 0 {
			_ = p.near.CloseWrite()
		} else {
			_ = p.far.CloseWrite()
		}
	})
}

func (p *pair) close() {
	_ = p.near.Close()
	_ = p.far.Close()
}
