package metrics

import "github.com/tidegate/tidegate/gateway"

var certificateEnds = describe("certificate_expiry_timestamp_seconds",
	"When a certificate that the gateway shows to others ends, in Unix time; id is that of an uploaded one or of a bridge.", "kind", "id")

func (out output) certificates(list []gateway.Certificate) {
	for _, c := range list {
		out.gauge(certificateEnds, float64(c.NotAfter.Unix()), string(c.Kind), c.ID)
	}
}
