package mqtt_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
)

// standardCodes are those of table 2-6, as numbers.
var standardCodes = []mqtt.ReasonCode{
	0x00, 0x01, 0x02, 0x04, 0x10, 0x11, 0x18, 0x19, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8B,
	0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F,
	0xA0, 0xA1, 0xA2,
}

func TestEveryReasonCodeHasItsOwnText(t *testing.T) {
	seen := map[string]mqtt.ReasonCode{}
	for _, code := range standardCodes {
		text := code.String()
		if strings.Contains(text, "0x") || strings.TrimSpace(text) != text || text == "" {
			t.Errorf("0x%02x: %q", byte(code), text)
		}
		if other, taken := seen[text]; taken {
			t.Errorf("0x%02x and 0x%02x: %q", byte(other), byte(code), text)
		}
		seen[text] = code
		if code.Error() != text || code.Failed() != (code >= 0x80) {
			t.Errorf("0x%02x: %q, failed %v", byte(code), code.Error(), code.Failed())
		}
	}
	if got := mqtt.ReasonCode(0xFE).String(); got != "reason code 0xfe" {
		t.Errorf("unknown: %q", got)
	}
}

func TestReasonCodeIsFoundInWrappedErrors(t *testing.T) {
	err := fmt.Errorf("subscribe: %w", mqtt.NotAuthorized)
	if code, ok := errors.AsType[mqtt.ReasonCode](err); !ok || code != mqtt.NotAuthorized {
		t.Errorf("got %v, %v", code, ok)
	}
	if errors.Is(err, mqtt.Banned) {
		t.Error("is another code too")
	}
}
