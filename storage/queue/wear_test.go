package queue_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage/queue"
	"github.com/tidegate/tidegate/storage/storagetest"
)

// TestWear: what a message of our drivers costs the disk below the file system, with everything that SQLite and ext4 write
// besides, when its session is away and fetches it later. An SD card lives as long as this is small.
func TestWear(t *testing.T) {
	tests := []struct {
		name      string
		perSecond int
		atMost    int64 // bytes for a message of 100 bytes
	}{
		{"1000 per second", 1000, 600},
		{"10 per second", 10, 5000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			disk := storagetest.MustMount(t, 64)
			q := MustOpen(t, filepath.Join(disk.Path(), "queue.db"), queue.Options{Linger: queue.DefaultLinger})
			q.Must(addSession("away"))
			before := disk.Written()
			sent := publishAtRate(q, tt.perSecond, 6*time.Second)
			for _, d := range sent {
				q.Commit(&mqtt.Unit{Class: mqtt.Soon, Finished: []*mqtt.Queued{d}}, nil)
			}
			q.stop()
			each := (disk.Written() - before) / int64(len(sent))
			t.Logf("%d messages: %d bytes each", len(sent), each)
			if each > tt.atMost {
				t.Errorf("%d bytes are written for each message, %d are allowed", each, tt.atMost)
			}
		})
	}
}

// publishAtRate queues messages of 100 bytes as a driver does, at even distances; a late tick of the clock is made up for.
func publishAtRate(q *running, perSecond int, during time.Duration) (sent []*mqtt.Queued) {
	ticker := time.NewTicker(time.Second / time.Duration(perSecond))
	defer ticker.Stop()
	for began, count := time.Now(), perSecond*int(during/time.Second); len(sent) < count; <-ticker.C {
		due := min(count, int(time.Since(began)*time.Duration(perSecond)/time.Second))
		for len(sent) < due {
			n := uint64(len(sent))
			m := &mqtt.Message{Topic: "plant/line/press", Payload: payload, QoS: mqtt.AtLeastOnce}
			d := &mqtt.Queued{Session: "away", Position: n, MessageID: n + 1, Message: m, QoS: 1, Size: m.Size()}
			q.Commit(&mqtt.Unit{Class: mqtt.Soon, MessageID: n + 1, Message: m, Deliveries: []*mqtt.Queued{d}}, nil)
			sent = append(sent, d)
		}
	}
	return sent
}
