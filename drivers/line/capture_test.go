package line_test

import (
	"bytes"
	"encoding/hex"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

// captured are a request, its reply and what was dropped.
var captured = []gateway.Frame{
	{Time: time.Date(2026, 1, 2, 3, 4, 5, 6789, time.UTC), Sent: true, Bytes: "000100000006010300640001"},
	{Time: time.Date(2026, 1, 2, 3, 4, 5, 9000, time.UTC), Bytes: "0001000000050103020064"},
	{Time: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC), Problem: gateway.FrameNoAnswer},
	{Time: time.Date(2026, 1, 2, 3, 4, 7, 0, time.UTC), Bytes: "ff", Problem: gateway.FrameNoise, Detail: "no frame"},
}

func mustReader(t *testing.T, url string) *pcapgo.NgReader {
	t.Helper()
	address, err := line.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := pcapgo.NewNgReader(bytes.NewReader(line.Capture(address, "bus 1", captured)), pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	if wire, err := reader.Interface(0); err != nil || wire.Name != "bus 1" || reader.SectionInfo().Application != "Tidegate" || reader.SectionInfo().Comment == "" {
		t.Errorf("%+v %+v, %v", wire, reader.SectionInfo(), err)
	}
	return reader
}

// A parser that we did not write reads the file: packets of IP and TCP, with right checksums and sequence numbers.
func TestCaptureOfTCPIsIP(t *testing.T) {
	reader := mustReader(t, "tcp://10.0.0.5:502")
	acknowledged := map[string]uint32{}
	for _, frame := range []gateway.Frame{captured[0], captured[1], captured[3]} {
		data, info, err := reader.ReadPacketData()
		if err != nil {
			t.Fatal(err)
		}
		packet := gopacket.NewPacket(data, reader.LinkType(), gopacket.Default)
		tcp, is := packet.Layer(layers.LayerTypeTCP).(*layers.TCP)
		if !is || !info.Timestamp.Equal(frame.Time) || hex.EncodeToString(tcp.LayerPayload()) != frame.Bytes {
			t.Fatalf("%v at %s, want %+v", packet, info.Timestamp, frame)
		}
		if err := tcp.SetNetworkLayerForChecksum(packet.NetworkLayer()); err != nil {
			t.Fatal(err)
		}
		if wrong, mismatches := packet.VerifyChecksums(); wrong != nil || len(mismatches) > 0 {
			t.Errorf("%v: %v %+v", packet, wrong, mismatches)
		}
		modbus, direction := tcp.SrcPort, packet.NetworkLayer().NetworkFlow().String()
		if frame.Sent {
			modbus = tcp.DstPort
		}
		if want := map[bool]string{true: "192.0.2.1->10.0.0.5", false: "10.0.0.5->192.0.2.1"}[frame.Sent]; modbus != 502 || direction != want {
			t.Errorf("port %d, %s, want %s", modbus, direction, want)
		}
		if expected, before := acknowledged[direction]; before && tcp.Seq != expected {
			t.Errorf("sequence %d, want %d", tcp.Seq, expected)
		}
		acknowledged[direction] = tcp.Seq + uint32(len(tcp.LayerPayload()))
	}
}

func TestCaptureOfALineIsRTACSerial(t *testing.T) {
	reader := mustReader(t, "rtu:///dev/ttyUSB0")
	if reader.LinkType() != 250 {
		t.Errorf("link type %d", reader.LinkType())
	}
	for i, want := range []string{
		"695735a500000006" + "01000000" + captured[0].Bytes, "695735a500000009" + "02000000" + captured[1].Bytes, "695735a700000000" + "02000000" + "ff",
	} {
		data, _, err := reader.ReadPacketData()
		if got := hex.EncodeToString(data); got != want || err != nil {
			t.Errorf("%d: %s, want %s, %v", i, got, want, err)
		}
	}
}
