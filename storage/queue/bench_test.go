package queue_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/queue"
)

var payload = make([]byte, 100)

// BenchmarkBareLoop is the yardstick: 100 rows per commit, nothing but the driver.
func BenchmarkBareLoop(b *testing.B) {
	for _, synchronous := range []string{"FULL", "NORMAL"} {
		b.Run(synchronous, func(b *testing.B) {
			db, err := sql.Open("sqlite3", "file:"+b.TempDir()+"/bare.db?_journal_mode=WAL&_synchronous="+synchronous)
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			db.SetMaxOpenConns(1)
			if _, err := db.Exec("CREATE TABLE message (id INTEGER PRIMARY KEY, topic TEXT, payload BLOB)"); err != nil {
				b.Fatal(err)
			}
			insert, err := db.Prepare("INSERT INTO message (topic, payload) VALUES (?, ?)")
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			for done := 0; done < b.N; done += 100 {
				tx, err := db.Begin()
				if err != nil {
					b.Fatal(err)
				}
				statement := tx.Stmt(insert)
				for range 100 {
					if _, err := statement.Exec("plant/line/press", payload); err != nil {
						b.Fatal(err)
					}
				}
				if err := tx.Commit(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkPublish is 10 publishers with 100 messages in flight each, for one durable session that is away.
func BenchmarkPublish(b *testing.B) {
	for _, durability := range []storage.Durability{storage.Full, storage.Normal, storage.Memory} {
		b.Run(string(durability), func(b *testing.B) { benchmarkPublish(b, durability, false) })
	}
}

// BenchmarkPublishAndSettle also removes every message again, as a connected receiver does.
func BenchmarkPublishAndSettle(b *testing.B) { benchmarkPublish(b, storage.Full, true) }

func benchmarkPublish(b *testing.B, durability storage.Durability, settle bool) {
	q := MustOpen(b, b.TempDir()+"/queue.db", queue.Options{Durability: durability, Linger: queue.DefaultLinger})
	q.Must(addSession("away"))
	var mu sync.Mutex // guards next
	next := uint64(0)
	b.ResetTimer()
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			window := make(chan struct{}, 100)
			for range b.N / 10 {
				window <- struct{}{}
				m := &mqtt.Message{Topic: "plant/line/press", Payload: payload, QoS: mqtt.AtLeastOnce}
				mu.Lock()
				next++
				d := &mqtt.Queued{Session: "away", Position: next, MessageID: next, Message: m, QoS: 1, Size: m.Size()}
				q.Commit(&mqtt.Unit{MessageID: next, Message: m, Deliveries: []*mqtt.Queued{d}}, func(err error) {
					if err != nil {
						b.Error(err)
					}
					if settle {
						q.Commit(&mqtt.Unit{Class: mqtt.Soon, Finished: []*mqtt.Queued{d}}, nil)
					}
					<-window
				})
				mu.Unlock()
			}
			for range cap(window) {
				window <- struct{}{}
			}
		})
	}
	group.Wait()
	b.StopTimer()
	stats := q.Stats()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(float64(stats.Members)/float64(stats.Groups), "units/group")
}

// BenchmarkBacklog reads a long queue page by page.
func BenchmarkBacklog(b *testing.B) {
	q := MustOpen(b, b.TempDir()+"/queue.db", queue.Options{Durability: storage.Normal})
	fill(q, "away", 100_000)
	b.ResetTimer()
	from := uint64(0)
	for read := 0; read < b.N; {
		page, err := q.Backlog(context.Background(), "away", 0, from, 200, 1<<20)
		if err != nil {
			b.Fatal(err)
		}
		if len(page) == 0 {
			from = 0
			continue
		}
		from = page[len(page)-1].Position + 1
		read += len(page)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}

// fill queues n messages for a new session.
func fill(q *running, session string, n int) {
	q.tb.Helper()
	q.Must(addSession(session))
	var group sync.WaitGroup
	for i := range n {
		id := uint64(i + 1)
		m := &mqtt.Message{Topic: fmt.Sprintf("plant/line/%d", i%100), Payload: payload, QoS: mqtt.AtLeastOnce}
		d := &mqtt.Queued{Session: session, Position: uint64(i), MessageID: id, Message: m, QoS: 1, Size: m.Size()}
		if err := q.Admit(context.Background(), m.Size()); err != nil {
			q.tb.Fatal(err)
		}
		group.Add(1)
		q.Commit(&mqtt.Unit{MessageID: id, Message: m, Deliveries: []*mqtt.Queued{d}}, func(err error) {
			if err != nil {
				q.tb.Error(err)
			}
			group.Done()
		})
	}
	group.Wait()
}
