package drivers_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers"
	"github.com/tidegate/tidegate/gateway"
)

// A modem calls the gateway, says who it is, and its device is polled over that call.
func TestDeviceThatCalls(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := listener.Addr().String()
	_ = listener.Close()
	wires := drivers.NewWires()
	var calling sync.WaitGroup
	defer calling.Wait()
	defer func() {
		if err := wires.Close(); err != nil {
			t.Error(err)
		}
	}()
	calling.Go(func() {
		if err := callGateway(at); err != nil && !errors.Is(err, io.EOF) {
			t.Errorf("the device: %v", err)
		}
	})
	d, err := wires.Open(t.Context(), gateway.Connection{URL: "tcp+listen://" + at + "?id=IMEI42"})
	if err != nil {
		t.Fatal(err)
	}
	device := gateway.Device{ID: "pump", Unit: 1}
	readings, err := d.Poll(t.Context(), device, []gateway.Point{{ID: "a", Address: "holding:0", Type: gateway.Uint16}})
	if err != nil || len(readings) != 1 || readings[0].Value != gateway.UintValue(4711) {
		t.Errorf("%+v, %v", readings, err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// callGateway is a modem with a device that holds 4711 everywhere.
func callGateway(at string) error {
	deadline := time.Now().Add(5 * time.Second)
	conn, err := net.Dial("tcp", at)
	for err != nil {
		if time.Now().After(deadline) {
			return err
		}
		<-time.After(5 * time.Millisecond)
		conn, err = net.Dial("tcp", at)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("IMEI42\r\n")); err != nil {
		return err
	}
	for {
		request := make([]byte, 12)
		if _, err := io.ReadFull(conn, request); err != nil {
			return err
		}
		reply := append(append([]byte{}, request[:5]...), 5, request[6], 3, 2)
		if _, err := conn.Write(binary.BigEndian.AppendUint16(reply, 4711)); err != nil {
			return err
		}
	}
}
