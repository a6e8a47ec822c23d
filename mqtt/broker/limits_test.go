package broker_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// reached is what happens at a limit: what counts it, and what a client does to get there.
type reached struct {
	limits  broker.Limits
	counted func(*broker.Counters) uint64
	reach   func(t *testing.T, p *plant)
}

// limitCases are by the name of the field in broker.Limits.
var limitCases = map[string]reached{
	"Clients": {broker.Limits{Clients: 1}, refusals(broker.LimitClients), func(t *testing.T, p *plant) {
		p.v5("a", 0)
		mustRefuse(t, p.try(packet.Connect{ClientID: "b"}), mqtt.ServerBusy)
	}},
	"Strangers": {broker.Limits{Clients: 1, Strangers: 1}, refusals(broker.LimitStrangers), func(_ *testing.T, p *plant) {
		for range 2 {
			p.dial()
		}
		p.dial().expectClosed()
	}},
	"ConnectRate":      {broker.Limits{Clients: 1, ConnectRate: 1}, refusals(broker.LimitConnectRate), tooFast},
	"TotalConnectRate": {broker.Limits{Clients: 1, TotalConnectRate: 1}, refusals(broker.LimitTotalConnectRate), tooFast},
	"ConnectTimeout": {broker.Limits{ConnectTimeout: 50 * time.Millisecond}, refusals(broker.LimitConnectTimeout), func(_ *testing.T, p *plant) {
		p.dial().expectClosed()
	}},
	"Sessions": {broker.Limits{Sessions: 1}, refusals(broker.LimitSessions), func(t *testing.T, p *plant) {
		p.v5("a", 3600).drop()
		p.offline("a")
		mustRefuse(t, p.try(packet.Connect{ClientID: "b"}), mqtt.QuotaExceeded)
	}},
	"PacketSize": {broker.Limits{PacketSize: 1000}, refusals(broker.LimitPacketSize), func(_ *testing.T, p *plant) {
		c := p.v5("a", 0)
		c.send(&packet.Publish{Topic: "t", Payload: make([]byte, 1000)})
		c.expectEnd(mqtt.PacketTooLarge)
	}},
	"PublishRate": {broker.Limits{PublishRate: 20}, refusals(broker.LimitPublishRate), func(_ *testing.T, p *plant) {
		c := p.v5("a", 0)
		for range 25 {
			c.publish("t", "x", mqtt.AtMostOnce, 0)
		}
		c.ping() // slowed, not refused
	}},
	"TopicLevels": {broker.Limits{TopicLevels: 3}, refusals(broker.LimitTopicLevels), func(_ *testing.T, p *plant) {
		c := p.v5("a", 0)
		c.publish("1/2/3", "x", mqtt.AtLeastOnce, 1)
		c.send(&packet.Publish{Topic: "1/2/3/4", QoS: mqtt.AtLeastOnce, PacketID: 1})
		c.expectAck(packet.PUBACK, 1, mqtt.TopicNameInvalid)
	}},
	"Subscriptions":          {broker.Limits{Subscriptions: 2}, refusals(broker.LimitSubscriptions), subscribeTooOften},
	"SubscriptionBytes":      {broker.Limits{SubscriptionBytes: 2000}, refusals(broker.LimitSubscriptionBytes), subscribeTooOften},
	"TotalSubscriptionBytes": {broker.Limits{TotalSubscriptionBytes: 2000}, refusals(broker.LimitTotalSubscriptionBytes), subscribeTooOften},
	"Retained":               {broker.Limits{Retained: 10}, refusals(broker.LimitRetained), retainTooMany},
	"RetainedBytes":          {broker.Limits{RetainedBytes: 10_000}, refusals(broker.LimitRetainedBytes), retainTooMany},

	"QueueMessages":  {broker.Limits{QueueMessages: 5}, losses(mqtt.QueueMessages), queueTooMany},
	"QueueBytes":     {broker.Limits{QueueBytes: 1000}, losses(mqtt.QueueBytes), queueTooMany},
	"TotalMessages":  {broker.Limits{TotalMessages: 5}, losses(mqtt.TotalFull), queueTooMany},
	"TotalBytes":     {broker.Limits{TotalBytes: 1000}, losses(mqtt.TotalFull), queueTooMany},
	"MemoryMessages": {broker.Limits{MemoryMessages: 5}, losses(mqtt.QueueMessages), leaveUnsettled},
	"MemoryBytes":    {broker.Limits{MemoryBytes: 1000}, losses(mqtt.QueueBytes), leaveUnsettled},
	"QueueQoS0":      {broker.Limits{QueueQoS0: 5}, losses(mqtt.SlowQoS0), readNothing},
	"QueueQoS0Bytes": {broker.Limits{QueueQoS0Bytes: 1 << 20}, losses(mqtt.SlowQoS0), readNothing},
	"Overflow": {broker.Limits{QueueMessages: 1, Overflow: broker.Reject}, func(c *broker.Counters) uint64 { return c.Rejected }, func(_ *testing.T, p *plant) {
		p.keeper("t")
		c := p.v5("a", 0)
		c.publish("t", "x", mqtt.AtLeastOnce, 1)
		c.send(&packet.Publish{Topic: "t", QoS: mqtt.AtLeastOnce, PacketID: 2})
		c.expectAck(packet.PUBACK, 2, mqtt.QuotaExceeded)
	}},

	// A client is told these, so that it does not get there.
	"ReceiveMaximum": announces(broker.Limits{ReceiveMaximum: 7}, func(c *packet.Connack) any { return c.ReceiveMaximum }, uint16(7)),
	"TopicAliases":   announces(broker.Limits{TopicAliases: 7}, func(c *packet.Connack) any { return c.TopicAliasMaximum }, uint16(7)),
	"KeepAlive":      announces(broker.Limits{KeepAlive: 7 * time.Second}, func(c *packet.Connack) any { return *c.ServerKeepAlive }, uint16(7)),
	"SessionExpiry":  announces(broker.Limits{SessionExpiry: 7}, func(c *packet.Connack) any { return *c.SessionExpiry }, uint32(7)),
}

// limitsElsewhere have a test that needs more than a client and a moment.
var limitsElsewhere = map[string]func(*testing.T){
	"QueueAge":     TestWhatIsTooOldGoes,
	"Window":       TestAfterARestartWhatMayHaveBeenSentStays,
	"WindowBytes":  TestTheWindowOfLargeMessagesIsSmall,
	"WriteTimeout": TestSlowClientHurtsNobody,
	"AdmitTimeout": TestADiskThatHangsIsAQuota,
	"RefusalPause": TestAFullDiskIsSilenceForMQTT3,
}

// TestEveryLimitIsReached: each does what it says, and what it does is counted.
func TestEveryLimitIsReached(t *testing.T) {
	t.Parallel()
	for field := range reflect.TypeFor[broker.Limits]().Fields() {
		c, here := limitCases[field.Name]
		if _, elsewhere := limitsElsewhere[field.Name]; here == elsewhere {
			t.Errorf("Limits.%s has a case: %t, a test elsewhere: %t", field.Name, here, elsewhere)
		}
		if !here {
			continue
		}
		t.Run(field.Name, func(t *testing.T) {
			t.Parallel()
			p := newPlant(t, broker.Options{Limits: c.limits})
			c.reach(t, p)
			eventually(t, "it is counted", func() bool {
				status := p.Status()
				return c.counted(&status) > 0
			})
		})
	}
}

func refusals(limit broker.Limit) func(*broker.Counters) uint64 {
	return func(c *broker.Counters) uint64 { return c.Refused[limit] }
}

func losses(reason mqtt.Reason) func(*broker.Counters) uint64 {
	return func(c *broker.Counters) uint64 { return c.GivenUp[reason] }
}

// announces is a limit that a client sees in CONNACK.
func announces(limits broker.Limits, said func(*packet.Connack) any, want any) reached {
	return reached{limits, func(c *broker.Counters) uint64 { return c.Accepted }, func(t *testing.T, p *plant) {
		c := p.connect(packet.Connect{ClientID: "a", CleanStart: true, SessionExpiry: math.MaxUint32, KeepAlive: math.MaxUint16})
		if got := said(c.connack); got != want {
			t.Errorf("CONNACK says %v, want %v", got, want)
		}
	}}
}

func mustRefuse(t *testing.T, c *client, want mqtt.ReasonCode) {
	t.Helper()
	if c.connack.Code != want {
		t.Errorf("CONNACK with %v, want %v", c.connack.Code, want)
	}
}

// tooFast opens connections until one is closed at once.
func tooFast(t *testing.T, p *plant) {
	eventually(t, "one is refused", func() bool {
		p.dial().drop()
		refused := p.Status().Refused
		return refused[broker.LimitConnectRate]+refused[broker.LimitTotalConnectRate] > 0
	})
}

func subscribeTooOften(t *testing.T, p *plant) {
	c := p.v5("a", 0)
	for i := range 20 {
		if codes := c.subscribe(mqtt.Subscription{Filter: fmt.Sprint("filter/", i)}); codes[0] == mqtt.QuotaExceeded {
			return
		}
	}
	t.Error("twenty subscriptions were granted")
}

func retainTooMany(t *testing.T, p *plant) {
	c := p.v5("a", 0)
	for i := range 40 {
		c.send(&packet.Publish{Topic: fmt.Sprint("kept/", i), Payload: make([]byte, 500), QoS: mqtt.AtLeastOnce, PacketID: 1, Retain: true})
		if expect[*packet.Ack](c).Code == mqtt.QuotaExceeded {
			c.publish("kept/0", "takes its place", mqtt.AtLeastOnce, 1)
			return
		}
	}
	t.Error("forty messages were kept")
}

// queueTooMany is for a session that is away.
func queueTooMany(_ *testing.T, p *plant) {
	p.keeper("t")
	c := p.v5("a", 0)
	for range 20 {
		c.publish("t", string(make([]byte, 100)), mqtt.AtLeastOnce, 1)
	}
}

// leaveUnsettled is for a session without a queue on disk, which acknowledges nothing.
func leaveUnsettled(_ *testing.T, p *plant) {
	lazy := p.connect(packet.Connect{ClientID: "lazy", CleanStart: true, ReceiveMaximum: 1})
	lazy.subscribe(mqtt.Subscription{Filter: "t", QoS: mqtt.AtLeastOnce})
	c := p.v5("a", 0)
	for range 20 {
		c.publish("t", string(make([]byte, 100)), mqtt.AtLeastOnce, 1)
	}
}

// readNothing fills what the kernel takes, and then the queue.
func readNothing(t *testing.T, p *plant) {
	deaf, c := p.v5("deaf", 0), p.v5("a", 0)
	deaf.subscribe(mqtt.Subscription{Filter: "t"})
	eventually(t, "it is full", func() bool {
		c.publish("t", string(make([]byte, 500_000)), mqtt.AtMostOnce, 0)
		return p.Status().GivenUp[mqtt.SlowQoS0] > 0
	})
}

// hanging is a store whose disk says nothing any more.
type hanging struct{ *broker.Memory }

func (hanging) Admit(ctx context.Context, size int) error {
	if size > 0 {
		<-ctx.Done()
	}
	return ctx.Err()
}

// TestADiskThatHangsIsAQuota: a publisher waits as long as it may, and is told then.
func TestADiskThatHangsIsAQuota(t *testing.T) {
	t.Parallel()
	store := broker.NewMemory(0)
	p := newPlantOn(t, store, broker.Options{Store: hanging{store}, Limits: broker.Limits{AdmitTimeout: 100 * time.Millisecond}})
	c := p.v5("a", 0)
	began := time.Now()
	c.send(&packet.Publish{Topic: "kept", Payload: []byte("x"), Retain: true, QoS: mqtt.AtLeastOnce, PacketID: 1})
	c.expectAck(packet.PUBACK, 1, mqtt.QuotaExceeded)
	if took := time.Since(began); took < 100*time.Millisecond {
		t.Errorf("it was told after %s", took)
	}
}

// librarian counts what is read of queues, and the most at once.
type librarian struct {
	*broker.Memory
	read, most atomic.Int64
}

func (l *librarian) Backlog(ctx context.Context, session string, lane mqtt.Lane, from uint64, limit, maxBytes int) ([]*mqtt.Queued, error) {
	queued, err := l.Memory.Backlog(ctx, session, lane, from, limit, maxBytes)
	size := int64(0)
	for _, q := range queued {
		size += int64(q.Message.Size())
	}
	l.read.Add(size)
	l.most.Store(max(l.most.Load(), size))
	return queued, err
}

// TestTheWindowOfLargeMessagesIsSmall: what a session has in memory of its queue is bounded in bytes too; the rest is read
// when its turn comes, and all of it is in order.
func TestTheWindowOfLargeMessagesIsSmall(t *testing.T) {
	t.Parallel()
	store := &librarian{Memory: broker.NewMemory(0)}
	p := newPlantOn(t, store.Memory, broker.Options{Store: store, Limits: broker.Limits{WindowBytes: 50_000}})
	p.keeper("t")
	c := p.v5("a", 0)
	for i := range 50 {
		c.publish("t", fmt.Sprintf("%010d", i)+string(make([]byte, 9_990)), mqtt.AtLeastOnce, 1)
	}
	for i, payload := range p.v5("keeper", 3600).receive(50) {
		if want := fmt.Sprintf("%010d", i); payload[:10] != want {
			t.Errorf("message %d is %s", i, payload[:10])
		}
	}
	if read := store.read.Load(); read < 400_000 {
		t.Errorf("%d bytes of 500,000 were read from the queue, the others were in memory", read)
	}
	if most := store.most.Load(); most > 70_000 {
		t.Errorf("%d bytes were read at once", most)
	}
}
