package bridge

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// receive forgets everything but the echo.
func (r *trial) receive(_ context.Context, m *mqtt.Message, _ uint16, settle mqtt.Settle) error {
	if m.Topic == r.bridge.config.Link.ProbeTopic {
		r.bridge.echo.came(m.Payload)
	}
	settle(nil)
	return nil
}

// subscribe asks for what the routes in want. Shared subscriptions are left out: the test would take messages from those
// who share them.
func (r *trial) subscribe(ctx context.Context) {
	if r.client == nil {
		r.skip(gateway.StepSubscribe, "not tried: it needs a login")
		return
	}
	var want []mqtt.Subscription
	var topics []gateway.TestedTopic
	for _, s := range wanted(r.bridge.config.Routes, gateway.In) {
		if strings.HasPrefix(s.Filter, "$share/") {
			topics = append(topics, gateway.TestedTopic{Filter: s.Filter, Outcome: gateway.StepSkipped, Message: "the test would take messages from those who share it"})
			continue
		}
		s.RetainHandling = mqtt.NoRetained
		want = append(want, s)
	}
	if len(want) == 0 {
		r.skip(gateway.StepSubscribe, "there is no route in that a test may subscribe to")
	} else {
		r.ask(ctx, want, &topics)
	}
	step := r.steps[gateway.StepSubscribe]
	step.Topics = topics
	r.steps[gateway.StepSubscribe] = step
}

func (r *trial) ask(ctx context.Context, want []mqtt.Subscription, topics *[]gateway.TestedTopic) {
	begin := time.Now()
	codes, err := r.bridge.subscribeUpstream(ctx, r.client, want)
	var refused []string
	for i, code := range codes {
		topic := gateway.TestedTopic{Filter: want[i].Filter, Outcome: gateway.StepPassed}
		switch {
		case code.Failed():
			topic.Outcome, topic.Message = gateway.StepFailed, code.String()
			refused = append(refused, topic.Filter)
		case mqtt.QoS(code) < want[i].QoS:
			topic.Outcome, topic.Message = gateway.StepWarning, fmt.Sprintf("granted at QoS %d", code)
		}
		*topics = append(*topics, topic)
	}
	switch {
	case err != nil:
		r.failAs(gateway.StepSubscribe, begin, "the other broker did not answer the subscription: "+reason(r.bridge.server(), err)+
			"; an access rule may forbid it", err)
	case len(refused) > 0:
		r.failAs(gateway.StepSubscribe, begin, "the other broker refuses "+strings.Join(refused, ", ")+": check its access rules", errRefused)
	default:
		r.pass(gateway.StepSubscribe, begin, fmt.Sprintf("%d filters are granted", len(want)))
	}
}

// errRefused is in the result only.
var errRefused = errors.New("a subscription was refused")

// publish sends one message where the settings allow that, and waits for it to come back.
func (r *trial) publish(ctx context.Context) {
	topic := r.bridge.config.Link.ProbeTopic
	switch {
	case r.client == nil:
		r.skip(gateway.StepPublish, "not tried: it needs a login")
		return
	case topic == "":
		r.skip(gateway.StepPublish, "not tried: a test publishes to the probe topic only, and the settings have none")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	begin := time.Now()
	codes, err := r.client.Subscribe(ctx, mqtt.Subscription{Filter: topic, QoS: mqtt.AtLeastOnce, RetainHandling: mqtt.NoRetained})
	if err != nil {
		r.fail(gateway.StepPublish, begin, err)
		return
	}
	text, back := r.bridge.echo.expect()
	if err := r.send(ctx, &mqtt.Message{Topic: topic, QoS: mqtt.AtLeastOnce, Payload: []byte(text)}); err != nil {
		r.failAs(gateway.StepPublish, begin, "what is published to "+topic+" is not taken: "+reason(r.bridge.server(), err)+
			"; an access rule may forbid it", err)
		return
	}
	r.pass(gateway.StepPublish, begin, fmt.Sprintf("published to %s and acknowledged", topic))
	if codes[0].Failed() {
		r.warn(gateway.StepPublish, fmt.Sprintf("published to %s and acknowledged; it cannot come back, since the subscription is refused (%s)", topic, codes[0]))
		return
	}
	select {
	case <-back:
		r.pass(gateway.StepPublish, begin, fmt.Sprintf("published to %s, acknowledged, and it came back", topic))
	case <-ctx.Done():
		r.failAs(gateway.StepPublish, begin, "what is published to "+topic+" is acknowledged and does not come back: an access rule "+
			"of the other broker throws it away, or does not deliver it", errNoEcho)
	}
}

// send publishes and waits for the acknowledgement.
func (r *trial) send(ctx context.Context, m *mqtt.Message) error {
	settled := make(chan error, 1)
	if err := r.client.Publish(ctx, m, func(err error) { settled <- err }); err != nil {
		return err
	}
	select {
	case err := <-settled:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
