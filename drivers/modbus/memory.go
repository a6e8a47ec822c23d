package modbus

import (
	"slices"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

var _ gateway.Learner = (*Driver)(nil)

// knowledge is what is known about one table of a unit. What is too old is forgotten.
func (d *Driver) knowledge(unit byte, table Table) *learned {
	key := tableKey{unit, table}
	if known := d.learned[key]; known != nil && !known.outdated(time.Now()) {
		return known
	}
	return d.replace(key, gateway.LearnedTable{}, time.Time{})
}

// replace puts something in the place of what is known about a table.
func (d *Driver) replace(key tableKey, told gateway.LearnedTable, since time.Time) *learned {
	fresh := toldOf(key.table, told, since)
	if before := d.learned[key]; before != nil {
		fresh.changes = before.changes + 1
	}
	d.learned[key] = fresh
	return fresh
}

// Discoveries implements gateway.Learner.
func (d *Driver) Discoveries() (n uint64) {
	for _, l := range d.learned {
		n += l.changes
	}
	return n
}

// Learned implements gateway.Learner. What is known belongs to the unit, so devices that share one have the same.
func (d *Driver) Learned(device gateway.Device) (all gateway.Learned) {
	for table := range Table(len(tableNames)) {
		l := d.learned[tableKey{byte(device.Unit), table}]
		if l == nil || len(l.holes)+len(l.cuts) == 0 {
			continue
		}
		all.Tables = append(all.Tables, l.tell(table))
		if since := l.since.UTC(); all.Since.IsZero() || since.Before(all.Since) {
			all.Since = since
		}
	}
	return all
}

// Learn implements gateway.Learner.
func (d *Driver) Learn(device gateway.Device, all gateway.Learned) {
	for table := range Table(len(tableNames)) {
		d.replace(tableKey{byte(device.Unit), table}, tableIn(all, table), all.Since)
	}
}

func tableIn(all gateway.Learned, table Table) gateway.LearnedTable {
	at := slices.IndexFunc(all.Tables, func(t gateway.LearnedTable) bool { return t.Table == table.String() })
	if at < 0 {
		return gateway.LearnedTable{}
	}
	return all.Tables[at]
}

// toldOf makes knowledge of what was kept; what makes no sense is left out, since it came from outside.
func toldOf(table Table, told gateway.LearnedTable, since time.Time) *learned {
	l := newLearned(table)
	for _, hole := range told.Holes {
		if hole.From >= 0 && hole.From <= hole.To && hole.To < addressSpace {
			l.addHoles([]Span{{hole.From, hole.To + 1}})
		}
	}
	for _, cut := range told.Cuts {
		if cut > 0 && cut < addressSpace {
			l.addCut(cut)
		}
	}
	if now := time.Now(); !l.since.IsZero() && !since.IsZero() && since.Before(now) {
		l.since = since
	}
	return l
}

func (l *learned) tell(table Table) gateway.LearnedTable {
	told := gateway.LearnedTable{Table: table.String(), Cuts: slices.Sorted(slices.Values(l.cuts))}
	for _, hole := range l.holes {
		told.Holes = append(told.Holes, gateway.LearnedHole{From: hole.Start, To: hole.End - 1})
	}
	slices.SortFunc(told.Holes, func(a, b gateway.LearnedHole) int { return a.From - b.From })
	return told
}
