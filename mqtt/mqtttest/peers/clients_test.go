package peers_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/mqtt/packet"
)

// brokers are who the foreign clients talk to: ours, and for comparison the one that they all were tested with. A test
// that fails for both is wrong about MQTT.
var brokers = []struct {
	name  string
	start func(testing.TB, ...string) string
}{
	{"tidegate", MustBroker},
	{"mosquitto", MustMosquitto},
}

// onEach runs a test against every broker, started with the options.
func onEach(t *testing.T, test func(t *testing.T, address string), options ...string) {
	for _, b := range brokers {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			test(t, b.start(t, options...))
		})
	}
}

var allVersions = []packet.Version{packet.V31, packet.V311, packet.V5}

// TestMosquittoClientsOfAllVersionsAndQoS lets mosquitto_pub and mosquitto_sub of every version talk to each other at
// every pair of QoS: each of nine subscribers gets each of nine messages once, at the lower QoS.
func TestMosquittoClientsOfAllVersionsAndQoS(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		type subscriber struct {
			*Sub
			qos int
		}
		var subscribers []subscriber
		for _, v := range allVersions {
			for qos := range 3 {
				sub := MustSub(t, address, v, "-t", "all/+", "-q", strconv.Itoa(qos), "-F", "got %t q%q %p.")
				subscribers = append(subscribers, subscriber{sub, qos})
			}
		}
		for _, v := range allVersions {
			for qos := range 3 {
				MustPub(t, address, v, "-t", "all/"+strconv.Itoa(int(v)), "-q", strconv.Itoa(qos), "-m", "from "+strconv.Itoa(qos))
			}
		}
		for _, s := range subscribers {
			for _, v := range allVersions {
				for qos := range 3 {
					line := "got all/" + strconv.Itoa(int(v)) + " q" + strconv.Itoa(min(qos, s.qos)) + " from " + strconv.Itoa(qos) + "."
					s.Expect(line)
				}
			}
			if got := s.Count("got all/"); got != 9 {
				t.Errorf("%d messages of 9", got)
			}
		}
	})
}

func TestMosquittoClientGetsRetained(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		MustPub(t, address, packet.V311, "-t", "kept/a", "-r", "-q", "1", "-m", "first")
		MustPub(t, address, packet.V5, "-t", "kept/a", "-r", "-q", "1", "-m", "second")
		MustPub(t, address, packet.V5, "-t", "kept/b", "-r", "-q", "2", "-m", "gone")
		MustPub(t, address, packet.V31, "-t", "kept/b", "-r", "-q", "1", "-n")
		for _, v := range allVersions {
			sub := MustSub(t, address, v, "-t", "kept/#", "-t", "live", "-q", "2", "-F", "got %t r%r %p.")
			sub.Expect("got kept/a r1 second.")
			MustPub(t, address, v, "-t", "live", "-q", "1", "-m", "end")
			sub.Expect("got live r0 end.")
			if got := sub.Count("got "); got != 2 {
				t.Errorf("%s: %d messages", v, got)
			}
		}
	})
}

func TestMosquittoClientsCarryHalfAMegabyte(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		file := filepath.Join(t.TempDir(), "payload")
		if err := os.WriteFile(file, []byte(strings.Repeat("0123456789abcdef", 1<<15)), 0o600); err != nil {
			t.Fatal(err)
		}
		sub := MustSub(t, address, packet.V5, "-t", "large", "-q", "1", "-F", "got %l bytes.")
		MustPub(t, address, packet.V311, "-t", "large", "-q", "1", "-f", file)
		sub.Expect("got 524288 bytes.")
	})
}

func TestMosquittoClientLeavesAWill(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		watcher := MustSub(t, address, packet.V5, "-t", "wills/#", "-F", "got %t %p.")
		for _, v := range allVersions {
			topic := "wills/" + strconv.Itoa(int(v))
			dying := MustSub(t, address, v, "-t", "x", "--will-topic", topic, "--will-payload", "bye", "--will-qos", "1")
			_ = dying.cmd.Process.Kill()
			watcher.Expect("got " + topic + " bye.")
		}
	})
}

// TestMosquittoClientMissesNothingWhileAway: a persistent session collects QoS 1 and 2 while its client is gone.
func TestMosquittoClientMissesNothingWhileAway(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		for _, v := range allVersions {
			id := "away" + strconv.Itoa(int(v))
			session := []string{"-c", "-i", id, "-t", id + "/#", "-q", "2", "-F", "got %t q%q %p."}
			first := MustSub(t, address, v, session...)
			_ = first.cmd.Process.Kill()
			_ = first.cmd.Wait()
			for i := range 5 {
				MustPub(t, address, v, "-t", id+"/a", "-q", strconv.Itoa(1+i%2), "-m", strconv.Itoa(i))
			}
			second := MustSub(t, address, v, session...)
			var last [2]int // order is promised for each QoS
			for i := range 5 {
				line := "got " + id + "/a q" + strconv.Itoa(1+i%2) + " " + strconv.Itoa(i) + "."
				second.Expect(line)
				at := strings.Index(second.out.String(), line)
				if at < last[i%2] {
					t.Errorf("%s: message %d came early", v, i)
				}
				last[i%2] = at
			}
		}
	})
}
