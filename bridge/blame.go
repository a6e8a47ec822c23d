package bridge

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
)

// blame finds the message for which the other broker ends connections: it says what is wrong, but not with what. What was on
// its way then is sent one message at a time; the one that ends connections alone is parked. Without that it would end
// every connection, and nothing behind it would ever be sent.
type blame struct {
	mu sync.Mutex // guards everything that follows
	// left is how many messages are still sent one at a time.
	left int
	// suspect is the packet identifier of the message that ended a connection alone, 0 for none; ends is how often.
	suspect uint16
	ends    int
	code    mqtt.ReasonCode
}

// blameEnds is how many connections a message ends before it is parked: one may be chance.
const blameEnds = 3

// blamed are the reasons of a DISCONNECT that are about a message (MQTT 5, 3.14.2.1).
var blamed = []mqtt.ReasonCode{
	mqtt.PacketTooLarge, mqtt.NotAuthorized, mqtt.TopicNameInvalid, mqtt.PayloadFormatInvalid, mqtt.RetainNotSupported,
	mqtt.QoSNotSupported,
}

// errCleared ends a connection that was careful for long enough; the next one begins at once.
var errCleared = errors.New("what had to be sent one by one is sent")

// isCareful: one message at a time.
func (b *blame) isCareful() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.left > 0
}

// learn draws its conclusions from the end of a connection with so many messages on their way; last is the packet
// identifier of the last one that was sent, 0 for none. careful: no more than one was on its way.
func (b *blame) learn(err error, open int, last uint16, careful bool) {
	end, is := errors.AsType[*client.Disconnected](err)
	if !is || open == 0 || !slices.Contains(blamed, end.Code) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !careful || last == 0 {
		b.left = max(b.left, open)
		return
	}
	if b.suspect != last {
		b.suspect, b.ends = last, 0
	}
	b.ends++
	b.code = end.Code
}

// verdict is why the message of this packet identifier cannot be sent; nil when it can.
func (b *blame) verdict(id uint16) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if id == 0 || id != b.suspect || b.ends < blameEnds {
		return nil
	}
	return fmt.Errorf("it ended %d connections, each with %w", b.ends, b.code)
}

// settled notes that a message is over; cleared: it was the last one that had to be sent alone.
func (b *blame) settled(id uint16) (cleared bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if id == b.suspect {
		b.suspect, b.ends = 0, 0
	}
	if b.left == 0 {
		return false
	}
	b.left--
	return b.left == 0
}

// condemned parks a message that ends connections.
func (u *upstream) condemned(out *outgoing, topic string) bool {
	if out.state == mqtt.DeliveryReceived {
		return false
	}
	err := u.bridge.blame.verdict(out.PacketID())
	if err == nil {
		return false
	}
	u.bridge.logger.Warn("a message is parked: the other broker ends the connection over it", "topic", topic, "error", err)
	out.Settle(err)
	return true
}
