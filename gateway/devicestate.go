package gateway

import (
	"encoding/json"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// StateTopic is where the state of a device is published, retained. No point may use it; see Validate.
func StateTopic(gatewayName, deviceID string) string { return gatewayName + "/" + deviceID + "/state" }

type deviceStateJSON struct {
	State  State  `json:"state"`
	Reason string `json:"reason"`
	Since  string `json:"since"`
}

// Message is the retained message about the state of the device, at QoS 1:
// {"state":"down","reason":"no answer within 1s","since":"2026-01-02T03:04:05.678Z"}.
func (s DeviceStatus) Message(gatewayName string) *mqtt.Message {
	data, err := json.Marshal(deviceStateJSON{s.State, s.Reason, s.Since.UTC().Format(timeLayout)})
	if err != nil {
		panic(err) // three texts
	}
	return &mqtt.Message{
		Topic:   StateTopic(gatewayName, s.ID),
		Payload: data,
		QoS:     mqtt.AtLeastOnce,
		Retain:  true,
		Properties: mqtt.Properties{User: []mqtt.UserProperty{
			{Name: "gateway", Value: gatewayName},
		}},
	}
}

// With is the status after a change of state or reason; Since is kept while the state lasts.
func (s DeviceStatus) With(state State, reason string, now time.Time) DeviceStatus {
	if s.State != state {
		s.Since = now
	}
	s.State, s.Reason = state, reason
	return s
}

// With is the status after a change of state or reason; Since is kept while the state lasts.
func (s ConnectionStatus) With(state State, reason string, now time.Time) ConnectionStatus {
	if s.State != state {
		s.Since = now
	}
	s.State, s.Reason = state, reason
	return s
}
