package bridge_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/mqtt"
	wire "github.com/tidegate/tidegate/mqtt/packet"
)

// ledger writes down what passes between the bridge and the cloud, message by message.
type ledger struct {
	tb testing.TB

	mu   sync.Mutex // guards everything that follows
	cond *sync.Cond
	// held: what the cloud says does not reach the bridge any more.
	held bool
	taps []*tap
	// open are the messages of this life of the cloud that are on their way, by packet identifier.
	open map[uint16]*entry
	// finished counts by number how often the cloud took a message for good, lives in how many of its lives it was sent.
	finished, lives map[string]int
}

// entry is a message on its way. recorded: the bridge has heard that the cloud took it over (PUBREC).
type entry struct {
	number   string
	recorded bool
}

func newLedger(tb testing.TB) *ledger {
	l := &ledger{tb: tb, open: map[uint16]*entry{}, finished: map[string]int{}, lives: map[string]int{}}
	l.cond = sync.NewCond(&l.mu)
	return l
}

// dial is for bridge.Options.
func (l *ledger) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	t := &tap{Conn: conn, ledger: l}
	l.mu.Lock()
	l.taps = append(l.taps, t)
	l.mu.Unlock()
	return t, nil
}

// note is told of a packet in either direction.
func (l *ledger) note(p wire.Packet) {
	switch p := p.(type) {
	case *wire.Publish:
		l.open[p.PacketID] = &entry{number: string(p.Payload)}
		l.lives[string(p.Payload)]++
	case *wire.Ack:
		e := l.open[p.PacketID]
		switch {
		case e == nil || p.Kind == wire.PUBREL:
		case p.Kind == wire.PUBREC:
			e.recorded = true
		default:
			l.finished[e.number]++
			delete(l.open, p.PacketID)
		}
	}
}

// hold keeps from the bridge what the cloud says.
func (l *ledger) hold() {
	l.mu.Lock()
	l.held = true
	l.mu.Unlock()
}

// forget ends the life of the cloud: what it had taken over, and what it may have got.
func (l *ledger) forget() (takenOver, sent int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.open {
		if e.recorded {
			takenOver++
		} else {
			sent++
		}
	}
	l.open = map[uint16]*entry{}
	for _, t := range l.taps {
		t.dead = true
	}
	l.taps, l.held = nil, false
	l.cond.Broadcast()
	return takenOver, sent
}

// tap is a connection that tells the ledger what passes.
type tap struct {
	net.Conn
	ledger  *ledger
	out, in bytes.Buffer
	dead    bool // the ledger's
}

func (t *tap) Write(p []byte) (int, error) {
	t.ledger.mu.Lock()
	t.pass(&t.out, p)
	t.ledger.mu.Unlock()
	return t.Conn.Write(p)
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	l := t.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.held && !t.dead {
		l.cond.Wait()
	}
	if t.dead {
		return 0, io.EOF
	}
	t.pass(&t.in, p[:n])
	return n, err
}

// pass notes whole packets; MQTT 5.
func (t *tap) pass(buffer *bytes.Buffer, data []byte) {
	buffer.Write(data)
	for {
		size := packetSize(buffer.Bytes())
		if size == 0 {
			return
		}
		reader := wire.NewReader(bytes.NewReader(buffer.Next(size)), 0)
		reader.SetVersion(wire.V5)
		p, err := reader.Next()
		if err != nil {
			t.ledger.tb.Errorf("the ledger does not understand a packet: %v", err)
			return
		}
		t.ledger.note(p)
	}
}

// packetSize is that of the first packet; 0 when it is not complete.
func packetSize(data []byte) int {
	length, shift := 0, 0
	for i := 1; i < len(data); i++ {
		length |= int(data[i]&0x7f) << shift
		shift += 7
		if data[i]&0x80 == 0 {
			if size := i + 1 + length; size <= len(data) {
				return size
			}
			return 0
		}
	}
	return 0
}

// TestCloudForgetsAndTheCountersSayIt: a Mosquitto without persistence is killed while messages are on their way. What was
// lost with it is what the bridge counts as taken over, what it was sent again is what the bridge counts as possibly twice,
// but for the one message that waits for the window, and everything else arrived once. TIDEGATE_FORGETS says how often.
func TestCloudForgetsAndTheCountersSayIt(t *testing.T) {
	t.Parallel()
	kills := 2
	if text := os.Getenv("TIDEGATE_FORGETS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		kills = n
	}
	for qos := mqtt.AtLeastOnce; qos <= mqtt.ExactlyOnce; qos++ {
		t.Run(fmt.Sprintf("QoS %d", qos), func(t *testing.T) {
			t.Parallel()
			m, p, l := MustMosquitto(t, anonymous), newPlant(t), newLedger(t)
			b, _ := p.run(outward(m, 5, int(qos)), bridge.Options{Dial: l.dial})
			eventually(t, "the bridge is up", isUp(b))
			last, takenOver, sent := 0, 0, 0
			for range kills {
				before := b.Status().Forwarded
				p.publish("line/a", qos, last+1, last+1000)
				last += 1000
				eventually(t, "it drains", func() bool { return b.Status().Forwarded > before })
				l.hold()
				stable(t, func() any { return []any{b.Status().Forwarded, len(l.numbers())} })
				m.kill()
				had, may := l.forget()
				takenOver, sent = takenOver+had, sent+may
				eventually(t, "the bridge is down", func() bool { return !isUp(b)() })
				m.start()
				eventually(t, "nothing waits", p.empty)
			}
			s := b.Status()
			if s.Forwarded != uint64(last) || s.TakenOver != uint64(takenOver) {
				t.Errorf("%d of %d forwarded, %d taken over, want %d", s.Forwarded, last, s.TakenOver, takenOver)
			}
			if twice := int(s.PossiblyTwice); twice < sent || twice > sent+kills {
				t.Errorf("%d possibly twice, %d were sent and not acknowledged", twice, sent)
			}
			lost, again := l.sum(last)
			if lost != takenOver || again != sent {
				t.Errorf("%d lost, want %d; %d sent again, want %d", lost, takenOver, again, sent)
			}
			t.Logf("%d kills: %d of %d lost with the cloud, as counted; %d sent again, %d counted", kills, lost, last, again, s.PossiblyTwice)
		})
	}
}

// numbers are those that were sent.
func (l *ledger) numbers() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]string, 0, len(l.lives))
	for number := range l.lives {
		list = append(list, number)
	}
	return list
}

// sum says how many numbers the cloud never took for good, and how many it was sent again; none may be finished twice.
func (l *ledger) sum(last int) (lost, again int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := 1; i <= last; i++ {
		number := fmt.Sprint(i)
		switch l.finished[number] {
		case 0:
			lost++
		case 1:
		default:
			l.tb.Errorf("number %s was finished %d times", number, l.finished[number])
		}
		again += l.lives[number] - 1
	}
	return lost, again
}

// stable waits until what is looked at does not change for a while.
func stable(t *testing.T, look func() any) {
	t.Helper()
	seen, since := fmt.Sprint(look()), time.Now()
	eventually(t, "all is quiet", func() bool {
		if now := fmt.Sprint(look()); now != seen {
			seen, since = now, time.Now()
		}
		return time.Since(since) > 200*time.Millisecond
	})
}
