package main_test

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// longLink is a TCP link from a gateway to its cloud: it is up or down, it is long, and it counts what passes.
type longLink struct {
	target string
	port   string
	delay  time.Duration // of each way

	sent, received atomic.Int64 // bytes towards the cloud, and from it

	mu   sync.Mutex // guards everything that follows
	up   bool
	open map[net.Conn]struct{}
	// began is when the first connection came since the link is up.
	began time.Time
}

// startLongLink makes a link to a port of this machine that is down.
func startLongLink(t *testing.T, cloud string, delay time.Duration) *longLink {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	l := &longLink{target: "127.0.0.1:" + cloud, port: port, delay: delay, open: map[net.Conn]struct{}{}}
	var connections sync.WaitGroup
	connections.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Go(func() { l.carry(near) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		l.set(false)
		connections.Wait()
	})
	return l
}

// set puts the link up, or takes it down with all its connections.
func (l *longLink) set(up bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.up, l.began = up, time.Time{}
	if up {
		return
	}
	for conn := range l.open {
		_ = conn.Close()
	}
}

// firstConnection is when the first one came since the link is up; zero for not yet.
func (l *longLink) firstConnection() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.began
}

func (l *longLink) carry(near net.Conn) {
	defer func() { _ = near.Close() }()
	far, err := net.Dial("tcp", l.target)
	if err != nil {
		return
	}
	defer func() { _ = far.Close() }()
	l.mu.Lock()
	up := l.up
	if up {
		l.open[near], l.open[far] = struct{}{}, struct{}{}
		if l.began.IsZero() {
			l.began = time.Now()
		}
	}
	l.mu.Unlock()
	if !up {
		return
	}
	var ways sync.WaitGroup
	ways.Go(func() { l.copy(far, near, &l.sent) })
	ways.Go(func() { l.copy(near, far, &l.received) })
	ways.Wait()
	l.mu.Lock()
	delete(l.open, near)
	delete(l.open, far)
	l.mu.Unlock()
}

// copy carries one direction until it ends, and then ends the other one.
func (l *longLink) copy(to, from net.Conn, count *atomic.Int64) {
	defer func() { _, _ = to.Close(), from.Close() }()
	if l.delay == 0 {
		_, _ = io.Copy(counted{to, count}, from)
		return
	}
	type piece struct {
		data []byte
		due  time.Time
	}
	pieces := make(chan piece, 4096)
	var writing sync.WaitGroup
	writing.Go(func() {
		for p := range pieces {
			time.Sleep(time.Until(p.due)) //nolint:forbidigo // the length of the link
			_, _ = counted{to, count}.Write(p.data)
		}
	})
	for buffer := make([]byte, 64<<10); ; {
		n, err := from.Read(buffer)
		if n > 0 {
			pieces <- piece{append([]byte{}, buffer[:n]...), time.Now().Add(l.delay)}
		}
		if err != nil {
			break
		}
	}
	close(pieces)
	writing.Wait()
}

// counted counts what is written.
type counted struct {
	io.Writer
	count *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.count.Add(int64(n))
	return n, err
}
