package supervisor

import (
	"context"
	"slices"
	"sync"

	"github.com/tidegate/tidegate/gateway"
)

// clearing is the work of removing what the broker retains of points that are gone.
type clearing struct {
	task *task // nil before the first

	mu     sync.Mutex // guards what follows
	topics []string
}

func newClearing() *clearing { return &clearing{} }

func (c *clearing) stop() {
	if c.task != nil {
		c.task.stop()
	}
}

func (c *clearing) next() (topic string, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.topics) == 0 {
		return "", false
	}
	return c.topics[0], true
}

func (c *clearing) done() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.topics = c.topics[1:]
}

// clearRetained removes the retained messages that an edit leaves behind, in the background: each is tried until it
// succeeds. The pollers that published them have ended. A topic that is used again meanwhile is left alone.
func (s *Supervisor) clearRetained(next gateway.Config) {
	c := s.active.clearing
	c.stop()
	used := next.Topics()
	c.topics = append(slices.DeleteFunc(c.topics, func(topic string) bool { return used[topic] }), gateway.LeftBehind(s.config, next)...)
	if len(c.topics) == 0 {
		c.task = nil
		return
	}
	logger := s.options.Logger
	c.task = startTask(s.running, func(ctx context.Context) {
		backoff := gateway.Backoff{Min: leastRestart, Max: mostRestart}
		for ctx.Err() == nil {
			topic, more := c.next()
			if !more {
				return
			}
			if err := s.options.ClearRetained(ctx, topic); err != nil {
				logger.Warn("a retained message that nobody renews cannot be removed yet", "topic", topic, "error", err)
				pause(ctx, backoff.Next())
				continue
			}
			backoff.Reset()
			c.done()
		}
	})
}
