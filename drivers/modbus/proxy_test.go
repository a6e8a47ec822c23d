package modbus_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

// mustShare lets others use the wire of a slave, and gives the port to call.
func mustShare(t *testing.T, s *slave, settings gateway.ConnectionProxy) (*modbus.Proxy, string) {
	t.Helper()
	d := mustOpen(t, mustStart(t, s), time.Second)
	var wire sync.Mutex
	port := fmt.Sprint(freePort(t))
	settings.Address = "127.0.0.1:" + port
	proxy := modbus.NewProxy(settings, func(ctx context.Context, work func(context.Context, gateway.Explorer) error) error {
		wire.Lock()
		defer wire.Unlock()
		return work(ctx, d)
	}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	serving.Go(func() { proxy.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		serving.Wait()
	})
	for deadline := time.Now().Add(5 * time.Second); proxy.Status().Reason != ""; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(proxy.Status().Reason)
		}
	}
	return proxy, port
}

// mustCall calls the proxy and gives what sends a request and its reply.
func mustCall(t *testing.T, port string) func(unit byte, pdu string) string {
	t.Helper()
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return func(unit byte, pdu string) string {
		t.Helper()
		data := unhex(t, pdu)
		frame := binary.BigEndian.AppendUint16([]byte{0x12, 0x34, 0, 0}, uint16(len(data)+1))
		if _, err := conn.Write(append(append(frame, unit), data...)); err != nil {
			t.Fatal(err)
		}
		header := make([]byte, 7)
		if _, err := io.ReadFull(conn, header); err != nil {
			return err.Error()
		}
		reply := make([]byte, binary.BigEndian.Uint16(header[4:])-1)
		if _, err := io.ReadFull(conn, reply); err != nil || header[0] != 0x12 || header[1] != 0x34 || header[6] != unit {
			t.Fatalf("% x % x, %v", header, reply, err)
		}
		return fmt.Sprintf("%x", reply)
	}
}

func TestProxy(t *testing.T) {
	for _, framing := range framings {
		for _, writable := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/writable=%v", framing, writable), func(t *testing.T) {
				t.Parallel()
				proxy, port := mustShare(t, newSlave(framing), gateway.ConnectionProxy{Units: "1-3,247", Writable: writable, Share: 90})
				call := mustCall(t, port)
				wrote := map[bool]string{true: "0600091234", false: "8601"}[writable]
				masked := map[bool]string{true: "16000400f20025", false: "9601"}[writable]
				for _, c := range []struct {
					unit      byte
					pdu, want string
				}{
					{1, "0300070002", "030400070008"},
					{247, "010003000a", "01024902"},
					{4, "0300070002", "830a"},
					{0, "0600091234", "860a"},
					{1, "0600091234", wrote},
					{1, "16000400f20025", masked},
				} {
					if got := call(c.unit, c.pdu); got != c.want {
						t.Errorf("unit %d %s: %s, want %s", c.unit, c.pdu, got, c.want)
					}
				}
				want := gateway.ProxyStatus{Clients: 1, Answered: 4, Refused: 2}
				if !writable {
					want.Answered, want.Refused = 2, 4
				}
				if got := proxy.Status(); got != want {
					t.Errorf("%+v, want %+v", got, want)
				}
			})
		}
	}
}

// A device that is silent is told from one that is not allowed.
func TestProxyToASilentDevice(t *testing.T) {
	s := newSlave("rtu")
	s.answer = func(byte, []byte) []byte { return []byte{} }
	proxy, port := mustShare(t, s, gateway.ConnectionProxy{})
	if got := mustCall(t, port)(1, "0300070002"); got != "830b" {
		t.Errorf("%s", got)
	}
	if got := proxy.Status(); got.Failed != 1 {
		t.Errorf("%+v", got)
	}
}

func TestProxyKnowsWhoCalls(t *testing.T) {
	proxy, port := mustShare(t, newSlave("tcp"), gateway.ConnectionProxy{From: "10.0.0.0/8"})
	if got := mustCall(t, port)(1, "0300070002"); !strings.Contains(got, "EOF") && !strings.Contains(got, "reset") {
		t.Errorf("%s", got)
	}
	if got := proxy.Status(); got.Refused != 1 || got.Clients != 0 {
		t.Errorf("%+v", got)
	}
}

// Others get a fifth of the wire, whatever they ask for.
func TestProxyKeepsToItsShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := modbus.NewBudget(20)
		begin, used := time.Now(), time.Duration(0)
		var asking sync.WaitGroup
		var mu sync.Mutex
		for range 4 {
			asking.Go(func() {
				for range 50 {
					if err := b.Wait(t.Context()); err != nil {
						t.Error(err)
						return
					}
					time.Sleep(10 * time.Millisecond)
					b.Spent(10 * time.Millisecond)
					mu.Lock()
					used += 10 * time.Millisecond
					mu.Unlock()
				}
			})
		}
		asking.Wait()
		if share := float64(used) / float64(time.Since(begin)); share > 0.21 || share < 0.19 {
			t.Errorf("others took %.2f of the wire", share)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := b.Wait(ctx); err == nil {
			t.Error("no wait after the last one")
		}
		if err := b.Wait(t.Context()); err != nil {
			t.Errorf("the turn was lost: %v", err)
		}
	})
}

// Masters that others wrote use the wire of an RTU slave.
func TestProxyWithOtherMasters(t *testing.T) {
	_, port := mustShare(t, newSlave("rtu"), gateway.ConnectionProxy{Writable: true, Share: 90})
	for name, c := range map[string]struct {
		command []string
		want    string
	}{
		"mbpoll":   {[]string{"mbpoll", "-m", "tcp", "-a", "3", "-p", port, "-t", "4", "-r", "8", "-c", "3", "-1", "-q", "127.0.0.1"}, "[10]: \t9"},
		"pymodbus": {[]string{"/usr/bin/python3", "testdata/pymodbus_master.py", port}, "[7, 8, 9] [True, False, False] 4711\n"},
	} {
		output, err := exec.CommandContext(t.Context(), c.command[0], c.command[1:]...).CombinedOutput()
		if err != nil || !strings.Contains(string(output), c.want) {
			t.Errorf("%s: %v: %s", name, err, output)
		}
	}
}
