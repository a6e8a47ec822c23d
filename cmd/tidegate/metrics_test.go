package main_test

import (
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
)

// scrape gives the text of the metrics, and each value by its name with labels.
func scrape(t *testing.T, page string, login ...*http.Cookie) (string, map[string]float64) {
	t.Helper()
	address, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address.Host+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range login {
		request.AddCookie(cookie)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("scrape: %s, %v\n%s", response.Status, err, text)
	}
	values := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		space := strings.LastIndexByte(line, ' ')
		if strings.HasPrefix(line, "#") || space < 0 {
			continue
		}
		value, err := strconv.ParseFloat(line[space+1:], 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		values[line[:space]] = value
	}
	return string(text), values
}

// TestMetrics of the running plant: Prometheus' own linter has nothing to say, and what happens is counted.
func TestMetrics(t *testing.T) {
	t.Parallel()
	gate := startDemo(t, programtest.ShortDir(t), "--limit-topic-levels=20")
	page := gate.Value("page")
	text, before := scrape(t, page)
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
	host, port, _ := strings.Cut(strings.TrimPrefix(gate.Value("mqtt"), "mqtt://"), ":")
	send := func(qos, topic, payload string) {
		output, err := exec.CommandContext(t.Context(), "mosquitto_pub", "-h", host, "-p", port, "-q", qos, "-t", topic, "-m", payload).CombinedOutput()
		if err != nil {
			t.Fatalf("publish: %v %s", err, output)
		}
	}
	send("0", "secret/topic", "12345")
	send("2", "secret/topic", "1234567")
	send("0", strings.Repeat("a/", 50), "too deep")
	grown := map[string]float64{
		`tidegate_broker_messages_total{direction="in",qos="0"}`:                1,
		`tidegate_broker_messages_total{direction="in",qos="2"}`:                1,
		`tidegate_broker_message_payload_bytes_total{direction="in",qos="0"}`:   5,
		`tidegate_broker_message_payload_bytes_total{direction="in",qos="2"}`:   7,
		`tidegate_broker_clients_accepted_total`:                                3,
		`tidegate_broker_limit_refusals_total{limit="topic-levels"}`:            1,
		`tidegate_broker_network_bytes_total{direction="in"}`:                   30,
		`tidegate_storage_commit_duration_seconds_count`:                        1,
		`tidegate_storage_commit_duration_seconds_bucket{le="+Inf"}`:            1,
		`tidegate_storage_group_size_sum`:                                       1,
		`tidegate_connection_poll_duration_seconds_count{connection="plc-net"}`: 1,
		`tidegate_connection_wire_busy_seconds_total{connection="plc-net"}`:     0.00001,
		`tidegate_readings_total`:                                               1,
		`tidegate_bridge_sent_messages_total{bridge="cloud"}`:                   1,
		`process_cpu_seconds_total`:                                             0.0001,
	}
	var after map[string]float64
	programtest.Eventually(t, 10*time.Second, "everything is counted", func() bool {
		text, after = scrape(t, page)
		for name, least := range grown {
			if _, known := after[name]; !known {
				t.Fatalf("no %s in\n%s", name, text)
			}
			if after[name]-before[name] < least {
				return false
			}
		}
		return true
	})
	for name, want := range map[string]float64{
		`tidegate_storage_state{state="up"}`:                           1,
		`tidegate_storage_state{state="degraded"}`:                     0,
		`tidegate_bridge_connects_total{bridge="cloud"}`:               1,
		`tidegate_bridge_state{bridge="cloud",state="up"}`:             1,
		`tidegate_connection_state{connection="plc-net",state="down"}`: 0,
		`tidegate_history_up`:                                          1,
	} {
		if got, known := after[name]; !known || got != want {
			t.Errorf("%s is %v (there: %t), want %v", name, got, known, want)
		}
	}
	for _, name := range []string{
		`tidegate_points{quality="good"}`, "tidegate_storage_free_bytes", "tidegate_storage_wal_bytes", "tidegate_broker_subscriptions",
		"go_goroutines", "process_resident_memory_bytes",
	} {
		if after[name] <= 0 {
			t.Errorf("%s is %v", name, after[name])
		}
	}
	for _, kind := range []string{"own", "ca"} {
		ends := time.Unix(int64(after[`tidegate_certificate_expiry_timestamp_seconds{id="",kind="`+kind+`"}`]), 0)
		if left := time.Until(ends); left < 30*24*time.Hour || left > 30*365*24*time.Hour {
			t.Errorf("the certificate %s ends at %s", kind, ends)
		}
	}
	if strings.Contains(text, "secret") {
		t.Error("a topic is in the metrics")
	}
}
