package profiles

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/tidegate/tidegate/gateway"
)

//go:embed sunspec.yaml
var sunSpecText string

// sunSpecBlock is what some models have in common: the points in their order, and those of each module behind them.
type sunSpecBlock struct {
	IDs map[int]struct {
		Name   string `json:"name"`
		Source string `json:"source"`
	} `json:"ids"`
	Points []sunSpecPoint `json:"points"`
	Repeat []sunSpecPoint `json:"repeat"`
}

type sunSpecPoint struct {
	Name string `json:"name"`
	Type string `json:"type"`
	// Size is the number of registers of a string.
	Size      int          `json:"size"`
	ScaleFrom string       `json:"scaleFrom"`
	Unit      string       `json:"unit"`
	Label     string       `json:"label"`
	Enum      gateway.Enum `json:"enum"`
}

var sunSpecBlocks = sync.OnceValues(func() ([]sunSpecBlock, error) {
	var read struct {
		Models []sunSpecBlock `json:"models"`
	}
	err := gateway.ReadYAML("sunspec.yaml", "a list of models", sunSpecText, &read)
	return read.Models, err
})

// The places where a map may begin, what is there, and what ends the chain. SunSpec Device Information Model
// Specification, "SunS" and the end model.
const (
	sunSpecMark  = "SunS"
	endOfChain   = 0xFFFF
	commonModel  = 1
	commonLength = 64 // registers of the texts: manufacturer 16, model 16, options 8, version 8, serial 16
)

var sunSpecPlaces = []int{40000, 0, 50000}

// mostModels bounds the chain of a device that never ends it; chunk is how much is read at once.
const (
	mostModels = 64
	chunk      = 100
	places     = 65536
)

// SunSpec looks for a map at its three places and follows the chain of models; see gateway.Profiles. A read that fails at a
// place means that there is none; one that fails within the chain is the error.
func SunSpec(read func(address, count int) ([]uint16, error)) (gateway.SunSpecDevice, error) {
	var last error
	for _, place := range sunSpecPlaces {
		mark, err := read(place, 2)
		if err == nil && text(mark) == sunSpecMark {
			return follow(read, place)
		}
		last = err
	}
	if gateway.CodeOf(last) == gateway.Unavailable {
		return gateway.SunSpecDevice{}, last
	}
	return gateway.SunSpecDevice{}, gateway.Errorf(gateway.NotFound, "there is no SunSpec map at 40000, 0 or 50000")
}

func follow(read func(address, count int) ([]uint16, error), place int) (gateway.SunSpecDevice, error) {
	device := gateway.SunSpecDevice{Address: place, Models: []gateway.SunSpecModel{}, Points: []gateway.Point{}}
	address := place + 2
	for range mostModels {
		header, err := read(address, 2)
		if err != nil {
			return device, fmt.Errorf("read the header of a SunSpec model at %d: %w", address, err)
		}
		id, length := int(header[0]), int(header[1])
		if id == endOfChain || address+2+length > places {
			return device, nil
		}
		model := gateway.SunSpecModel{ID: id, Address: address + 2, Length: length}
		if err := take(read, &device, model); err != nil {
			return device, err
		}
		address += 2 + length
	}
	return device, nil
}

// take reads a model that is known and adds what the device fills in.
func take(read func(address, count int) ([]uint16, error), device *gateway.SunSpecDevice, model gateway.SunSpecModel) error {
	blocks, err := sunSpecBlocks()
	if err != nil {
		panic(err) // a test sees it
	}
	if model.ID == commonModel && model.Length >= commonLength {
		model.Name = "Common"
		content, err := readAll(read, model)
		if err != nil {
			return err
		}
		device.Manufacturer, device.Model = text(content[:16]), text(content[16:32])
		device.Version, device.Serial = text(content[40:48]), text(content[48:64])
	}
	for _, block := range blocks {
		known, is := block.IDs[model.ID]
		if !is {
			continue
		}
		model.Name, model.Source = known.Name, known.Source
		content, err := readAll(read, model)
		if err != nil {
			return err
		}
		device.Points = append(device.Points, block.points(model, content, device.Points)...)
	}
	device.Models = append(device.Models, model)
	return nil
}

func readAll(read func(address, count int) ([]uint16, error), model gateway.SunSpecModel) ([]uint16, error) {
	var content []uint16
	for len(content) < model.Length {
		part, err := read(model.Address+len(content), min(chunk, model.Length-len(content)))
		if err != nil {
			return nil, fmt.Errorf("read SunSpec model %d: %w", model.ID, err)
		}
		content = append(content, part...)
	}
	return content, nil
}

func text(registers []uint16) string {
	var b strings.Builder
	for _, r := range registers {
		b.WriteByte(byte(r >> 8))
		b.WriteByte(byte(r))
	}
	return strings.TrimSpace(strings.TrimRight(b.String(), "\x00"))
}
