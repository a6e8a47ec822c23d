package history

import (
	"database/sql/driver"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// level is one of the tables that answers are made from.
type level struct {
	source gateway.PastSource
	// unit is that of its times, in milliseconds.
	unit int64
	// rows gives rows between two times for sampleOf; summary one row for all of them: the smallest and largest time,
	// minimum, maximum, sum, number, and the largest flag or quality. first is the time of the first value.
	rows, summary, first string
	sampleOf             func(l *level, row storage.Row) sample
	// plain is the largest flag or quality of rows that can be put together without looking at each.
	plain int64
}

// The levels, the finest first.
var levels = []*level{
	{
		source: gateway.PastRaw, unit: 1, sampleOf: rawSample, plain: qualityUncertain,
		rows: "SELECT time, value, quality FROM raw WHERE point = ? AND time BETWEEN ? AND ? ORDER BY time",
		summary: "SELECT min(time), max(time), min(value), max(value), total(value), count(*), max(quality) FROM raw " +
			"WHERE point = ? AND time BETWEEN ? AND ?",
		first: "SELECT time FROM raw WHERE point = ? ORDER BY time LIMIT 1",
	},
	minutesLevel("minute", gateway.PastMinutes, time.Minute),
	minutesLevel("hour", gateway.PastHours, time.Hour),
}

func minutesLevel(table string, source gateway.PastSource, unit time.Duration) *level {
	return &level{
		source: source, unit: unit.Milliseconds(), sampleOf: minuteSample,
		rows: "SELECT time, min, max, sum, count, flags FROM " + table + " WHERE point = ? AND time BETWEEN ? AND ? ORDER BY time",
		summary: "SELECT min(time), max(time), min(min), max(max), total(sum), sum(count), max(flags) FROM " + table +
			" WHERE point = ? AND time BETWEEN ? AND ?",
		first: "SELECT time FROM " + table + " WHERE point = ? AND count > 0 ORDER BY time LIMIT 1",
	}
}

func rawSample(_ *level, row storage.Row) sample {
	quality := row.Int(2)
	s := sample{
		time: row.Int(0), end: row.Int(0) + 1, broken: quality&afterBreak != 0, uncertain: quality&qualityMask == qualityUncertain,
	}
	switch value := row[1].(type) {
	case string:
		s.text, s.count = value, 1
	case nil:
		s.endsBad = true
	default:
		number := floatOf(value)
		s.min, s.max, s.sum, s.count, s.isNumber = number, number, number, 1, true
	}
	return s
}

func minuteSample(l *level, row storage.Row) sample {
	flags, start := row.Int(5), row.Int(0)*l.unit
	s := sample{
		time: start, end: start + l.unit - 1, count: row.Int(4), isNumber: true,
		broken: flags&minuteBreak != 0, endsBad: flags&minuteEndsBad != 0, gap: flags&minuteGap != 0,
	}
	if s.count > 0 {
		s.min, s.max, s.sum = floatOf(row[1]), floatOf(row[2]), floatOf(row[3])
	}
	return s
}

// summarySample puts the rows of a summary together; false when each has to be looked at, because of marks or texts.
func summarySample(l *level, row storage.Row) (s sample, can bool) {
	if _, text := row[3].(string); text || row.Int(6) > l.plain {
		return s, false
	}
	return sample{
		time: row.Int(0) * l.unit, end: row.Int(1)*l.unit + max(l.unit-1, 1), min: floatOf(row[2]), max: floatOf(row[3]),
		sum: floatOf(row[4]), count: row.Int(5), isNumber: true, uncertain: l == levels[0] && row.Int(6) == qualityUncertain,
	}, true
}

func floatOf(value driver.Value) float64 {
	if whole, is := value.(int64); is {
		return float64(whole)
	}
	number, _ := value.(float64)
	return number
}

// floor and ceil divide so that it is right before 1970 too.
func floor(at, unit int64) int64 {
	n := at / unit
	if at%unit < 0 {
		n--
	}
	return n
}

func ceil(at, unit int64) int64 { return floor(at+unit-1, unit) }
