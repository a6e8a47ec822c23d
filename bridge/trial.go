package bridge

import (
	"context"
	"crypto/rand"
	"net"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt/client"
)

const (
	// trialTime bounds a test as a whole, stepTime each of its steps.
	trialTime = 30 * time.Second
	stepTime  = 10 * time.Second
	// mostAddresses of a name are tried.
	mostAddresses = 8
	// trialSuffix begins what is put behind the client identifier, four letters follow.
	trialSuffix = "-test-"
)

// Trial is a test of a connection, step by step, beside whatever runs.
type Trial struct {
	// Bridge is what is tried; its settings can be saved.
	Bridge gateway.Bridge
	// Options are those of the bridge. Session is not used: nothing local is touched.
	Options Options
	// Taken: a bridge that is not disabled has this client identifier at this broker.
	Taken bool
}

// Run goes through the steps until one fails, half a minute at most. The session of the bridge is not touched on either
// side: the test has a client identifier of its own, or the bridge's where the cloud takes no other and nobody uses it,
// and a session that ends with the connection.
func (t Trial) Run(ctx context.Context) gateway.BridgeTest {
	ctx, cancel := context.WithTimeout(ctx, trialTime)
	defer cancel()
	r := &trial{bridge: New(t.Bridge, t.Options), taken: t.Taken, steps: map[gateway.BridgeStep]gateway.BridgeTestStep{}}
	defer r.end()
	r.clientID = r.identifier()
	for _, part := range []func(context.Context){r.settings, r.lookUp, r.dialAll, r.askProxy, r.logIn, r.subscribe, r.publish} {
		if !r.failed {
			part(ctx)
		}
	}
	return r.result()
}

// trial is a test that runs.
type trial struct {
	bridge   *Bridge
	taken    bool
	clientID string
	options  client.Options
	// target is what is dialled: the broker, or the proxy.
	host, port string
	addresses  []string
	// conn leads to the broker, before anything was said; nil once it is used.
	conn   net.Conn
	client *client.Client
	hangUp func()
	failed bool
	steps  map[gateway.BridgeStep]gateway.BridgeTestStep
}

// identifier is never that of a session which somebody uses.
func (r *trial) identifier() string {
	own := r.bridge.config.ClientID
	if r.bridge.preset.Has("clientId") {
		return own
	}
	suffix := trialSuffix + strings.ToLower(rand.Text()[:4])
	if most := r.bridge.preset.Limit("maxClientIdBytes"); most > 0 && len(own)+len(suffix) > most {
		own = own[:max(0, most-len(suffix))]
	}
	return own + suffix
}

func (r *trial) end() {
	if r.conn != nil {
		_ = r.conn.Close() // nothing was said on it
	}
	if r.hangUp != nil {
		r.hangUp()
	}
}

func (r *trial) result() gateway.BridgeTest {
	test := gateway.BridgeTest{Passed: !r.failed, Server: r.bridge.server(), ClientID: r.clientID}
	for _, name := range gateway.BridgeSteps() {
		step, tried := r.steps[name]
		if !tried {
			step = gateway.BridgeTestStep{Outcome: gateway.StepSkipped, Message: "not tried: an earlier step has to work first"}
		}
		step.Step = name
		test.Steps = append(test.Steps, step)
	}
	return test
}

func (r *trial) pass(name gateway.BridgeStep, since time.Time, message string) {
	r.steps[name] = gateway.BridgeTestStep{Outcome: gateway.StepPassed, Ms: ms(time.Since(since)), Message: message}
}

func (r *trial) skip(name gateway.BridgeStep, why string) {
	r.steps[name] = gateway.BridgeTestStep{Outcome: gateway.StepSkipped, Message: why}
}

// warn keeps what is known of the step.
func (r *trial) warn(name gateway.BridgeStep, message string) {
	step := r.steps[name]
	if step.Outcome == gateway.StepWarning {
		message = step.Message + ". " + message
	}
	step.Outcome, step.Message = gateway.StepWarning, message
	r.steps[name] = step
}

// fail says what to do, with what is to be looked for at this cloud. It keeps what is known of the step.
func (r *trial) fail(name gateway.BridgeStep, since time.Time, err error) {
	r.failAs(name, since, reason(r.bridge.server(), err), err)
}

func (r *trial) failAs(name gateway.BridgeStep, since time.Time, message string, err error) {
	if advice := r.bridge.preset.Advice[name]; advice != "" {
		message += ". " + advice
	}
	step := r.steps[name]
	step.Outcome, step.Message, step.Detail, step.Ms = gateway.StepFailed, message, gateway.RedactText(err.Error()), ms(time.Since(since))
	r.steps[name], r.failed = step, true
}

// ms is in milliseconds.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
