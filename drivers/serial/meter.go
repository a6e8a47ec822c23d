package serial

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
)

// The control characters of IEC 62056-21.
const (
	stx = 0x02
	etx = 0x03
	ack = 0x06
)

const (
	slowest = 300
	// meterReaction is how long a meter may think before it answers. IEC 62056-21 6.4.3.2.
	meterReaction = 1500 * time.Millisecond
)

// modeC and modeB are the speeds that the fifth character of the identification offers. IEC 62056-21 6.3.14.
var (
	modeC = map[byte]int{'0': 300, '1': 600, '2': 1200, '3': 2400, '4': 4800, '5': 9600, '6': 19200}
	modeB = map[byte]int{'A': 600, 'B': 1200, 'C': 2400, 'D': 4800, 'E': 9600, 'F': 19200}
)

// readMeter reads a meter out: it is woken up at 300 baud, says what it is and how fast it can be, and sends all that it has
// between STX and ETX with a block check character behind.
func (d *Asker) readMeter(ctx context.Context) (string, error) {
	port, is := line.AdjustableOf(d.line)
	if !is {
		return "", &unclear{"a meter changes its speed, so it needs a serial port of this machine", false}
	}
	if err := port.SetBaud(slowest); err != nil {
		return "", err
	}
	if err := d.send("/?!\r\n"); err != nil {
		return "", err
	}
	// The request itself takes 170 ms at this speed.
	identification, err := d.hearLine(ctx, max(d.timeout, meterReaction+time.Second))
	if err != nil {
		return "", err
	}
	// Optical heads give back what was sent.
	if identification == "/?!" {
		if identification, err = d.hearLine(ctx, max(d.timeout, meterReaction+time.Second)); err != nil {
			return "", err
		}
	}
	if len(identification) < 5 || identification[0] != '/' {
		return "", &unclear{"what the meter says is no identification: " + shown(identification), true}
	}
	if err := d.changeSpeed(port, identification[4]); err != nil {
		return "", err
	}
	block, err := d.hear(ctx, max(d.timeout, meterReaction+time.Second), wholeBlock)
	if err != nil {
		return "", err
	}
	return blockText(block)
}

// changeSpeed takes what the meter offers.
func (d *Asker) changeSpeed(port line.Adjustable, offer byte) error {
	if baud, is := modeC[offer]; is {
		if err := d.send(string([]byte{ack, '0', offer, '0', '\r', '\n'})); err != nil {
			return err
		}
		return port.SetBaud(baud)
	}
	if baud, is := modeB[offer]; is {
		return port.SetBaud(baud)
	}
	return nil // mode A stays
}

func wholeBlock(heard []byte) bool {
	end := bytes.IndexByte(heard, etx)
	return end >= 0 && len(heard) > end+1
}

// blockText is what lies between STX and ETX, when the block check character is right: all from behind STX up to ETX, added
// without carry. IEC 62056-21 6.3.
func blockText(block []byte) (string, error) {
	start, end := bytes.IndexByte(block, stx), bytes.IndexByte(block, etx)
	if start < 0 || start > end {
		return "", &unclear{"the answer of the meter has no beginning", true}
	}
	var sum byte
	for _, b := range block[start+1 : end+1] {
		sum ^= b
	}
	if sum&0x7F != block[end+1]&0x7F {
		return "", &unclear{fmt.Sprintf("the answer of the meter is damaged: its check is %02X, right is %02X", block[end+1], sum), true}
	}
	return strings.TrimSpace(lines(block[start+1 : end])), nil
}
