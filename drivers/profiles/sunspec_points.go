package profiles

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/tidegate/tidegate/gateway"
)

// points are those that the device fills in, with their places on the wire. Names that others have already get the number
// of the model behind them.
func (b *sunSpecBlock) points(model gateway.SunSpecModel, content []uint16, others []gateway.Point) []gateway.Point {
	factors := map[string]int{}
	var found []gateway.Point
	offset := 0
	add := func(p sunSpecPoint, module int) {
		if p.Type == "sunssf" {
			factors[p.Name] = offset
		}
		size := p.registers()
		if p.Label != "" && offset+size <= len(content) && p.present(content[offset:offset+size]) {
			found = append(found, p.point(model.Address, offset, module))
		}
		offset += size
	}
	for _, p := range b.Points {
		add(p, 0)
	}
	for module := 1; len(b.Repeat) > 0 && offset < len(content); module++ {
		for _, p := range b.Repeat {
			add(p, module)
		}
	}
	usable := found[:0]
	for _, p := range found {
		if scaled(&p, factors, model, content) {
			p.ID = free(p.ID, model.ID, slices.Concat(others, usable))
			usable = append(usable, p)
		}
	}
	return usable
}

// scaled replaces the name of the scale factor by its place; false when the device does not have it.
func scaled(p *gateway.Point, factors map[string]int, model gateway.SunSpecModel, content []uint16) bool {
	name := p.Decoding.ScaleFrom
	if name == "" {
		return true
	}
	at, known := factors[name]
	if !known || at >= len(content) || content[at] == 0x8000 {
		return false
	}
	p.Decoding.ScaleFrom = fmt.Sprintf("holding:%d", model.Address+at)
	return true
}

func free(id string, model int, taken []gateway.Point) string {
	used := func(id string) bool {
		return slices.ContainsFunc(taken, func(p gateway.Point) bool { return p.ID == id })
	}
	if !used(id) {
		return id
	}
	next := fmt.Sprintf("%s_%d", id, model)
	for n := 2; used(next); n++ {
		next = fmt.Sprintf("%s_%d_%d", id, model, n)
	}
	return next
}

func (p *sunSpecPoint) registers() int {
	switch p.Type {
	case "string":
		return p.Size
	case "acc32", "uint32", "float32", "bitfield32":
		return 2
	}
	return 1
}

// present reports whether the content is not the mark for "not implemented". SunSpec Device Information Model
// Specification, table of types; counters have none but 0, which a new device shows too.
func (p *sunSpecPoint) present(content []uint16) bool {
	switch p.Type {
	case "int16":
		return content[0] != 0x8000
	case "uint16", "enum16":
		return content[0] != 0xFFFF
	case "bitfield32":
		return content[0] != 0xFFFF || content[1] != 0xFFFF
	case "float32":
		return !math.IsNaN(float64(math.Float32frombits(uint32(content[0])<<16 | uint32(content[1]))))
	}
	return true
}

func (p *sunSpecPoint) point(address, offset, module int) gateway.Point {
	id, label := p.Name, p.Label
	if module > 0 {
		id, label = id+strconv.Itoa(module), label+" "+strconv.Itoa(module)
	}
	point := gateway.Point{
		ID: id, Name: label, Address: fmt.Sprintf("holding:%d", address+offset), Unit: p.Unit, Enum: p.Enum,
		Decoding: gateway.Decoding{Invalid: gateway.InvalidSunSpec, ScaleFrom: p.ScaleFrom},
	}
	switch p.Type {
	case "acc32", "bitfield32":
		point.Type = gateway.Uint32
	case "enum16":
		point.Type = gateway.Uint16
	default:
		point.Type = gateway.Type(p.Type)
	}
	return point
}
