// Package metrics shows the gateway to Prometheus.
//
// It reads the parts and changes nothing: a scrape takes one look at everything and describes it by Prometheus'
// conventions, so that no other part knows that library. Labels have few values: a limit, a reason, a quality of service,
// and what the configuration names, connections, bridges and certificates; never a topic or a client.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/storage/queue"
)

// Source is what is shown. Its methods are called by several goroutines, once for each scrape, and do not wait.
type Source interface {
	Status() gateway.Status
	Broker() broker.Counters
	Queue() queue.Stats
	// Qualities counts the points by the quality of their latest reading.
	Qualities() map[gateway.Quality]int
	// Certificates are those that the gateway shows to others.
	Certificates() []gateway.Certificate
}

const (
	// scrapeLimit ends a scrape that takes too long, maxScrapes refuses more of them at the same time.
	scrapeLimit = 10 * time.Second
	maxScrapes  = 3
)

// Handler answers a scrape with the source, the process, and the Go runtime.
func Handler(source Source) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collector{source}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		Timeout: scrapeLimit, MaxRequestsInFlight: maxScrapes, EnableOpenMetrics: true,
	})
}

// collector makes metrics from one look at the source.
type collector struct{ source Source }

// Describe says nothing: which metrics there are depends on the configuration.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect looks once.
func (c collector) Collect(metrics chan<- prometheus.Metric) {
	out := output(metrics)
	status := c.source.Status()
	out.gauge(buildInfo, 1, status.Version)
	out.gauge(alarms, float64(len(status.Alarms)))
	out.broker(c.source.Broker())
	out.storage(c.source.Queue(), status.Storage)
	out.connections(status.Connections)
	out.points(status.Readings, c.source.Qualities())
	out.bridges(status.Bridges)
	out.history(status.History)
	out.certificates(c.source.Certificates())
}

var (
	buildInfo = describe("build_info", "Always 1; the version is a label.", "version")
	alarms    = describe("alarms", "Problems of the gateway itself that are declared now.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("tidegate_"+name, help, labels, nil)
}

// output takes the metrics of a scrape.
type output chan<- prometheus.Metric

func (out output) gauge(desc *prometheus.Desc, value float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}

func (out output) counter(desc *prometheus.Desc, value uint64, labels ...string) {
	out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value), labels...)
}

// state is one gauge for each possible state: 1 for the one that it is.
func (out output) state(desc *prometheus.Desc, current gateway.State, possible []gateway.State, labels ...string) {
	for _, s := range possible {
		value := 0.0
		if s == current {
			value = 1
		}
		out.gauge(desc, value, append(labels[:len(labels):len(labels)], string(s))...)
	}
}

var states = []gateway.State{
	gateway.StateStarting, gateway.StateUp, gateway.StateDegraded, gateway.StateDown, gateway.StateDisabled, gateway.StatePaused,
}
