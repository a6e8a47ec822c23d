package value

import (
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// The forms of a time as text: in UTC, and as the clock of the device shows it, of whose zone nothing is known.
const (
	inUTC   = "2006-01-02T15:04:05.999Z"
	onClock = "2006-01-02T15:04:05.999"
)

// timeForm is one way to write a time in bytes, in both directions.
type timeForm struct {
	layout string
	// read gives null for bytes that are no time.
	read func(data []byte) gateway.Value
	// write gives nil for a time that it cannot hold.
	write func(t time.Time) []byte
}

var timeForms = map[gateway.Encoding]timeForm{
	gateway.Unix32:    unix(4, time.Second, false),
	gateway.Unix64:    unix(8, time.Second, false),
	gateway.Unix64Ms:  unix(8, time.Millisecond, true),
	gateway.TI081:     {onClock, readTI081, writeTI081},
	gateway.YMDHMS:    sixBytes(unsigned),
	gateway.YMDHMSBCD: sixBytes(bcd),
}

// latest is the last moment that RFC 3339 can write.
var latest = time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)

// unix counts from 1970. 64 bits are signed, 32 bits are not, so they last until 2106.
func unix(size int, unit time.Duration, milliseconds bool) timeForm {
	perSecond := int64(time.Second / unit)
	return timeForm{
		layout: inUTC,
		read: func(data []byte) gateway.Value {
			count := int64(getNumber(data))
			if count < 0 || count/perSecond > latest.Unix() {
				return gateway.Value{}
			}
			t := time.Unix(count/perSecond, count%perSecond*int64(unit)).UTC()
			return gateway.TextValue(t.Format(inUTC))
		},
		write: func(t time.Time) []byte {
			count := t.Unix()
			if milliseconds {
				count = t.UnixMilli()
			}
			if count < 0 || size == 4 && count >= 1<<32 {
				return nil
			}
			return putNumber(uint64(count), size)
		},
	}
}

// clock makes a text of what a clock shows; null when there is no such time.
func clock(year, month, day, hour, minute, millisecond int) gateway.Value {
	t := time.Date(year, time.Month(month), day, hour, minute, 0, millisecond*int(time.Millisecond), time.UTC)
	if t.Year() != year || int(t.Month()) != month || t.Day() != day || t.Hour() != hour || t.Minute() != minute {
		return gateway.Value{}
	}
	return gateway.TextValue(t.Format(onClock))
}

const century = 2000

// readTI081 takes four words: year in 7 bits; month in 4 and day in 5; validity, hour in 5 and minute in 6; milliseconds.
// https://www.productinfo.schneider-electric.com/im400n_thrn, "Date and time (TI081 format)"
func readTI081(data []byte) gateway.Value {
	const notValid = 0x80
	if data[5]&notValid != 0 {
		return gateway.Value{}
	}
	return clock(century+int(data[1]&0x7F), int(data[2]&0x0F), int(data[3]&0x1F), int(data[4]&0x1F), int(data[5]&0x3F),
		int(getNumber(data[6:])))
}

func writeTI081(t time.Time) []byte {
	if t.Year() < century || t.Year() > century+0x7F {
		return nil
	}
	milliseconds := t.Second()*1000 + t.Nanosecond()/1e6
	return append([]byte{0, byte(t.Year() - century), byte(t.Month()), byte(t.Day()), byte(t.Hour()), byte(t.Minute())},
		putNumber(uint64(milliseconds), 2)...)
}

// sixBytes are year, month, day, hour, minute and second, each written like a whole number of eight bits.
func sixBytes(form wholeForm) timeForm {
	return timeForm{
		layout: onClock,
		read: func(data []byte) gateway.Value {
			var parts [6]int
			for i, b := range data {
				part, isNumber := form.read(uint64(b), 8).Whole()
				if !isNumber {
					return gateway.Value{}
				}
				parts[i] = int(part)
			}
			if parts[0] > 99 || parts[5] > 59 {
				return gateway.Value{}
			}
			return clock(century+parts[0], parts[1], parts[2], parts[3], parts[4], 1000*parts[5])
		},
		write: func(t time.Time) []byte {
			if t.Year() < century || t.Year() > century+99 {
				return nil
			}
			data := make([]byte, 0, 6)
			for _, part := range []int{t.Year() - century, int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second()} {
				data = append(data, byte(form.write(int64(part), 8)))
			}
			return data
		},
	}
}

func (l Layout) encodeTime(v gateway.Value) ([]byte, error) {
	text, _ := v.Text()
	form, known := timeForms[l.Decoding.Encoding]
	if !known {
		return nil, gateway.Errorf(gateway.Invalid, "there is no form %q of a time", l.Decoding.Encoding)
	}
	t, err := time.Parse(form.layout, text)
	if err != nil {
		return nil, gateway.Errorf(gateway.Invalid, "%q is not a time like %s", v, form.layout)
	}
	data := form.write(t)
	if data == nil {
		return nil, gateway.Errorf(gateway.Invalid, "%s is too early or too late for %s", v, l.Decoding.Encoding)
	}
	return data, nil
}
