package drivers

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

// maxDetect is how long one search may take when nobody answers; a longer one is made in parts.
const maxDetect = 20 * time.Second

// Detect finds out the settings of a serial line with Modbus; see modbus.Detect. A search that would take too long for a
// request of the page is Invalid.
func Detect(ctx context.Context, connection gateway.Connection, search gateway.LineSearch) ([]gateway.FoundLine, error) {
	takes, err := modbus.SearchTime(connection, search)
	if err != nil {
		return nil, err
	}
	if takes > maxDetect {
		return nil, gateway.FieldErrorf("search.to", "that takes up to %s, but one search has %s: try fewer speeds, formats or units at once",
			takes.Round(time.Second), maxDetect)
	}
	return modbus.Detect(ctx, connection, search)
}
