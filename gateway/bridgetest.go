package gateway

import (
	"context"
	"time"
)

// BridgeTests try connections of bridges, step by step, beside those that run.
type BridgeTests interface {
	// TestBridge goes through all steps of a connection as the bridge is given, saved or not, with its secrets. What goes
	// wrong is in the result; the error is about the test itself: Invalid for settings that cannot be saved, Unavailable
	// while too many tests run. It takes half a minute at most, and ends with ctx.
	TestBridge(ctx context.Context, b Bridge) (BridgeTest, error)
}

// BridgeTest is what became of a connection that was tried.
type BridgeTest struct {
	// Passed: no step failed.
	Passed bool `json:"passed"`
	// Server is the address that was tried.
	Server string `json:"server"`
	// ClientID is the one that the test used: not that of the bridge, whose session must not be touched.
	ClientID string `json:"clientId"`
	// Steps are all there are, in their order; those behind a failure are skipped.
	Steps []BridgeTestStep `json:"steps"`
}

// BridgeTestStep is one part of a connection.
type BridgeTestStep struct {
	Step    BridgeStep  `json:"step"    enum:"settings,dns,tcp,proxy,tls,websocket,login,subscribe,publish"`
	Outcome StepOutcome `json:"outcome" enum:"passed,warning,failed,skipped"`
	// Ms is how long it took, in milliseconds.
	Ms float64 `json:"ms"`
	// Message is for people: what was found, why it was skipped, or what is wrong and what to do about it.
	Message string `json:"message"`
	// Detail is the error as it came; empty without one.
	Detail string `json:"detail,omitempty"`
	// Addresses are those that a name has (dns), or that were dialled (tcp).
	Addresses []TestedAddress `json:"addresses,omitempty"`
	// Certificates are the chain that the other broker shows, its own first (tls).
	Certificates []TestedCertificate `json:"certificates,omitempty"`
	// TLS is what was agreed on (tls).
	TLS *TestedTLS `json:"tls,omitempty"`
	// Login is what the other broker announced (login).
	Login *TestedLogin `json:"login,omitempty"`
	// Topics are the answers for each filter (subscribe).
	Topics []TestedTopic `json:"topics,omitempty"`
}

// BridgeStep names a part of a connection.
type BridgeStep string

// The steps, in their order.
const (
	StepSettings  BridgeStep = "settings"
	StepDNS       BridgeStep = "dns"
	StepTCP       BridgeStep = "tcp"
	StepProxy     BridgeStep = "proxy"
	StepTLS       BridgeStep = "tls"
	StepWebSocket BridgeStep = "websocket"
	StepLogin     BridgeStep = "login"
	StepSubscribe BridgeStep = "subscribe"
	StepPublish   BridgeStep = "publish"
)

// BridgeSteps are all steps in their order.
func BridgeSteps() []BridgeStep {
	return []BridgeStep{
		StepSettings, StepDNS, StepTCP, StepProxy, StepTLS, StepWebSocket, StepLogin, StepSubscribe, StepPublish,
	}
}

// StepOutcome is how a step ended.
type StepOutcome string

// The outcomes. A warning works, now; what is skipped was not tried.
const (
	StepPassed  StepOutcome = "passed"
	StepWarning StepOutcome = "warning"
	StepFailed  StepOutcome = "failed"
	StepSkipped StepOutcome = "skipped"
)

// TestedAddress is one address of a name.
type TestedAddress struct {
	Address string `json:"address"`
	// Ms is how long dialling took, in milliseconds.
	Ms float64 `json:"ms,omitempty"`
	// Error is empty where it was not dialled, or took the connection.
	Error string `json:"error,omitempty"`
}

// TestedCertificate is one of the other broker's chain.
type TestedCertificate struct {
	Subject  string    `json:"subject"`
	Issuer   string    `json:"issuer"`
	Names    []string  `json:"names"`
	NotAfter time.Time `json:"notAfter"`
	DaysLeft int       `json:"daysLeft"`
	// Pin is what BridgeTLS.Pins takes for its key.
	Pin string `json:"pin"`
}

// TestedTLS is what both sides agreed on.
type TestedTLS struct {
	Version string `json:"version"`
	Cipher  string `json:"cipher"`
	// ALPN is the protocol that was chosen; empty for none.
	ALPN string `json:"alpn,omitempty"`
	// ClientCertificate: the other broker asked for ours, and got it.
	ClientCertificate bool `json:"clientCertificate"`
}

// TestedLogin is what the other broker says about itself.
type TestedLogin struct {
	// Code is that of CONNACK; 0 is success.
	Code int `json:"code"`
	// Version of MQTT is 4 (3.1.1) or 5.
	Version           int  `json:"version"`
	ReceiveMaximum    int  `json:"receiveMaximum,omitempty"`
	MaximumPacketSize int  `json:"maximumPacketSize,omitempty"`
	MaximumQoS        int  `json:"maximumQos"`
	RetainAvailable   bool `json:"retainAvailable"`
	// KeepAliveSeconds is the one in force.
	KeepAliveSeconds int `json:"keepAliveSeconds,omitempty"`
}

// TestedTopic is the answer for a filter.
type TestedTopic struct {
	Filter  string      `json:"filter"`
	Outcome StepOutcome `json:"outcome" enum:"passed,warning,failed,skipped"`
	Message string      `json:"message,omitempty"`
}
