package mqtt_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

func TestMessageSizeCountsProperties(t *testing.T) {
	m := mqtt.Message{Topic: "abc", Payload: []byte("12"), Properties: mqtt.Properties{
		ContentType: "t", ResponseTopic: "rr", CorrelationData: []byte{1, 2, 3}, User: []mqtt.UserProperty{{Name: "n", Value: "vv"}},
	}}
	if got := m.Size(); got != 14 {
		t.Errorf("got %d", got)
	}
}

func TestMessageExpiresAtItsTime(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	m := mqtt.Message{Expires: at}
	if m.Expired(at.Add(-1)) || !m.Expired(at) || !m.Expired(at.Add(1)) {
		t.Error("wrong moment")
	}
	if (&mqtt.Message{}).Expired(at) {
		t.Error("a message without expiry has expired")
	}
}

func TestPropertiesIsZero(t *testing.T) {
	if !(&mqtt.Properties{}).IsZero() {
		t.Error("the zero value is not zero")
	}
	for _, p := range []mqtt.Properties{
		{PayloadFormat: new(byte)}, {ContentType: "t"}, {ResponseTopic: "t"}, {CorrelationData: []byte{}}, {User: make([]mqtt.UserProperty, 1)},
	} {
		if p.IsZero() {
			t.Errorf("%+v is zero", p)
		}
	}
}

func TestQoSValid(t *testing.T) {
	for q, want := range []bool{true, true, true, false} {
		if got := mqtt.QoS(q).Valid(); got != want {
			t.Errorf("%d: %v", q, got)
		}
	}
}
