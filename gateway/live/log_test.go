package live_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/live"
)

func logInto(hub *live.Hub) *slog.Logger {
	return slog.New(slog.NewMultiHandler(slog.DiscardHandler, hub.Logs().Handler(slog.LevelInfo)))
}

func TestTheLogRingKeepsTheLastLines(t *testing.T) {
	hub := live.New(3)
	logger := logInto(hub).With("connection", "wire").WithGroup("g")
	logger.Debug("too detailed")
	for i := range 5 {
		logger.Info("line", "i", i, slog.Group("more", "x", 1))
	}
	lines := hub.Logs().Lines(gateway.LogQuery{})
	if len(lines) != 3 || lines[0].Attributes != "connection=wire g.i=2 g.more.x=1" || lines[2].Attributes != "connection=wire g.i=4 g.more.x=1" {
		t.Errorf("lines %+v", lines)
	}
	if lines[0].Number != 3 || lines[2].Number != 5 {
		t.Errorf("numbers %d to %d", lines[0].Number, lines[2].Number)
	}
}

func TestLinesAreChosen(t *testing.T) {
	hub := live.New(10)
	logger := logInto(hub)
	logger.Info("bridge is up", "bridge", "Cloud")
	logger.Warn("bridge is down", "bridge", "Cloud")
	logger.Error("disk is full")
	for _, c := range []struct {
		query gateway.LogQuery
		want  string
	}{
		{gateway.LogQuery{}, "bridge is up, bridge is down, disk is full"},
		{gateway.LogQuery{Level: gateway.LogWarn}, "bridge is down, disk is full"},
		{gateway.LogQuery{Search: "CLOUD"}, "bridge is up, bridge is down"},
		{gateway.LogQuery{After: 2}, "disk is full"},
		{gateway.LogQuery{Limit: 2}, "bridge is down, disk is full"},
	} {
		var messages []string
		for _, line := range hub.Logs().Lines(c.query) {
			messages = append(messages, line.Message)
		}
		if got := strings.Join(messages, ", "); got != c.want {
			t.Errorf("%+v: %s, want %s", c.query, got, c.want)
		}
	}
}

func TestSecretsDoNotGetIntoTheRing(t *testing.T) {
	hub := live.New(10)
	logger := logInto(hub)
	logger.Info("login", "password", "canary1", "API-Key", "canary2", slog.Group("g", "token", "canary3"))
	logger.With("authorization", "Bearer canary4").Info("request")
	logger.Info("dial", "error", errors.New(`dial mqtts://user:canary5@host:8883: refused`), "secret", gateway.Secret("canary6"))
	logger.Info("odd", "text", "Bearer canary7canary7", "pem", "-----BEGIN EC PRIVATE KEY-----\ncanary8\n-----END EC PRIVATE KEY-----")
	logger.Info("sas", "url", "SharedAccessSignature sr=x&sig=canary9&se=1", "value", struct{ S gateway.Secret }{"canary10"})
	for _, line := range hub.Logs().Lines(gateway.LogQuery{}) {
		if strings.Contains(line.Message+line.Attributes, "canary") {
			t.Errorf("%+v", line)
		}
	}
	if lines := hub.Logs().Lines(gateway.LogQuery{Search: "host:8883: refused"}); len(lines) != 1 {
		t.Errorf("what is no secret is gone too: %+v", lines)
	}
}

func TestWaitEndsWithALineOrTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := live.New(10)
		logger := logInto(hub)
		came := make(chan error, 2) // one result each
		for range 2 {
			go func() { came <- hub.Logs().Wait(t.Context(), 0) }()
		}
		synctest.Wait()
		logger.Info("line")
		for range 2 {
			if err := <-came; err != nil {
				t.Error(err)
			}
		}
		if err := hub.Logs().Wait(t.Context(), 0); err != nil {
			t.Error("a line that is there already is waited for")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := hub.Logs().Wait(ctx, 1); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
