package modbus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/goburrow/modbus"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

var (
	usualBauds        = []int{9600, 19200, 115200, 38400, 57600, 4800, 2400, 1200}
	usualFormats      = []string{"8N1", "8E1", "8O1"}
	usualASCIIFormats = []string{"7E1", "7O1", "8N1"}
)

const (
	usualLastUnit    = 3
	usualLineTimeout = 200 * time.Millisecond
	maxLineSettings  = 64
)

// Detect finds out the settings of a serial line by trying: with each of them it asks the units for their first holding
// register, until one answers; then the other units are asked with the same settings, and the search is over. The
// parameters of the connection's URL other than baud, data, parity and stop stay. It blocks for as long as SearchTime
// says, and ends with ctx. The port has to be free. Nothing found is no error.
func Detect(ctx context.Context, connection gateway.Connection, search gateway.LineSearch) ([]gateway.FoundLine, error) {
	settings, search, err := lineSettings(connection, search)
	if err != nil {
		return nil, err
	}
	for _, setting := range settings {
		found, err := tryLine(ctx, setting, search)
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	return []gateway.FoundLine{}, nil
}

// SearchTime is how long a search takes when nobody answers. What is wrong with it is a gateway.Error of code Invalid.
func SearchTime(connection gateway.Connection, search gateway.LineSearch) (time.Duration, error) {
	settings, search, err := lineSettings(connection, search)
	if err != nil {
		return 0, err
	}
	const requestAndAnswer = 8 + 7
	var total time.Duration
	for _, s := range settings {
		each := time.Duration(search.Timeout) + requestAndAnswer*s.address.CharTime()
		total += each * time.Duration(search.To-search.From+1)
	}
	return total, nil
}

// lineSetting is one way to open a port.
type lineSetting struct {
	url     string
	address line.Address
}

// lineSettings are all ways to try, by baud first, and the search with what is usual where nothing was said.
func lineSettings(connection gateway.Connection, search gateway.LineSearch) ([]lineSetting, gateway.LineSearch, error) {
	address, err := line.Of(connection)
	if err != nil {
		return nil, search, gateway.InField("connection", err)
	}
	if !address.Serial() || address.Protocol == line.Lines {
		return nil, search, gateway.FieldErrorf("connection.url", "only a serial line with Modbus has settings that can be found: use rtu:///dev/ttyUSB0")
	}
	if search, err = completeSearch(address, search); err != nil {
		return nil, search, err
	}
	var settings []lineSetting
	for _, baud := range search.Bauds {
		for _, format := range search.Formats {
			s, err := settingOf(connection.URL, baud, format)
			if err != nil {
				return nil, search, err
			}
			settings = append(settings, s)
		}
	}
	if len(settings) > maxLineSettings {
		return nil, search, gateway.FieldErrorf("search.bauds", "at most %d settings are tried at once", maxLineSettings)
	}
	return settings, search, nil
}

func completeSearch(a line.Address, s gateway.LineSearch) (gateway.LineSearch, error) {
	formats := usualFormats
	if a.Protocol == line.ModbusASCII {
		formats = usualASCIIFormats
	}
	if len(s.Bauds) == 0 {
		s.Bauds = usualBauds
	}
	if len(s.Formats) == 0 {
		s.Formats = formats
	}
	s.From = cmp.Or(s.From, 1)
	s.To = cmp.Or(s.To, max(s.From, usualLastUnit))
	s.Timeout = cmp.Or(s.Timeout, gateway.Duration(usualLineTimeout))
	if s.From < 1 || s.To > 247 || s.To < s.From {
		return s, gateway.FieldErrorf("search.to", "units %d to %d are not between 1 and 247", s.From, s.To)
	}
	if t := time.Duration(s.Timeout); t < 50*time.Millisecond || t > time.Second {
		return s, gateway.FieldErrorf("search.timeout", "a unit gets 50ms to 1s to answer")
	}
	return s, nil
}

func settingOf(address string, baud int, format string) (lineSetting, error) {
	if len(format) != 3 {
		return lineSetting{}, gateway.FieldErrorf("search.formats", "%q is not a format: use 8N1, 8E1, 8O1 or 7E1", format)
	}
	u, err := url.Parse(address)
	if err != nil {
		return lineSetting{}, gateway.FieldErrorf("connection.url", "%q is not an address", address)
	}
	query := u.Query()
	query.Set("baud", strconv.Itoa(baud))
	for i, name := range []string{"data", "parity", "stop"} {
		query.Set(name, format[i:i+1])
	}
	u.RawQuery = query.Encode()
	a, err := line.Parse(u.String())
	if err != nil {
		return lineSetting{}, gateway.FieldErrorf("search.formats", "%d %s cannot be tried: %w", baud, format, err)
	}
	return lineSetting{url: u.String(), address: a}, nil
}

func tryLine(ctx context.Context, s lineSetting, search gateway.LineSearch) (found []gateway.FoundLine, err error) {
	wire, err := s.address.Open(ctx)
	if err != nil {
		return nil, err
	}
	d := On(wire, s.address, gateway.Connection{Timeout: search.Timeout})
	defer func() { err = errors.Join(err, d.Close()) }()
	for unit := search.From; unit <= search.To; unit++ {
		answer, there, err := d.understood(ctx, byte(unit))
		if err != nil {
			return found, fmt.Errorf("try %s: %w", s.url, err)
		}
		if there {
			found = append(found, gateway.FoundLine{URL: s.url, Unit: unit, Answer: answer})
		}
	}
	return slices.Clip(found), nil
}

// understood reports whether a unit gives an answer with the right checksum: only that shows that the settings are right.
func (d *Driver) understood(ctx context.Context, unit byte) (answer string, there bool, err error) {
	a, err := d.read(ctx, unit, Holdings, Span{0, 1})
	exception, isException := errors.AsType[*modbus.ModbusError](err)
	switch {
	case err == nil:
		return fmt.Sprintf("holding:0 is %d", int(a.data[0])<<8|int(a.data[1])), true, nil
	case isException && !a.unsure:
		return explain(exception), true, nil
	case deviceError(err):
		return "", false, nil
	}
	return "", false, err
}
