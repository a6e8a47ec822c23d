package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

type modbusIdentifyCommand struct {
	modbusDevice
}

// Run asks and prints.
func (c modbusIdentifyCommand) Run(ctx context.Context) (err error) {
	driver, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, driver.Close()) }()
	objects, err := driver.Identify(ctx, byte(c.Unit))
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(objects)
	}
	names := []string{"vendor", "product", "revision"}
	rows := make([][]string, len(objects))
	for i, o := range objects {
		name := fmt.Sprintf("object %d", o.ID)
		if int(o.ID) < len(names) {
			name = names[o.ID]
		}
		rows[i] = []string{name, fmt.Sprintf("%q", o.Text)}
	}
	return printTable(rows)
}

type modbusScanCommand struct {
	modbusDevice
	From  int           `help:"First number to ask." default:"1"`
	To    int           `help:"Last number to ask." default:"247"`
	Think time.Duration `help:"How long each unit gets to answer, 20ms to 500ms." default:"300ms"`
}

// Run asks part after part and prints what was found when all is over.
func (c modbusScanCommand) Run(ctx context.Context) (err error) {
	driver, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, driver.Close()) }()
	found := []gateway.FoundUnit{}
	for from := c.From; from <= c.To; from += gateway.MaxUnitSearch {
		search := gateway.UnitSearch{From: from, To: min(c.To, from+gateway.MaxUnitSearch-1), Timeout: gateway.Duration(c.Think)}
		part, err := driver.FindUnits(ctx, search)
		if err != nil {
			return fmt.Errorf("search on %s: %w", c.URL, err)
		}
		found = append(found, part...)
	}
	if c.JSON {
		return printJSON(found)
	}
	rows := make([][]string, len(found))
	for i, unit := range found {
		rows[i] = []string{fmt.Sprintf("unit %d", unit.Unit), unit.Answer, strings.Join(unit.Identification, ", ")}
	}
	if len(found) == 0 {
		rows = [][]string{{"No unit answered: check baud rate, parity and wiring, or give units more time with --think."}}
	}
	return printTable(rows)
}

type modbusExploreCommand struct {
	modbusDevice
	Address string `arg:"" help:"First place: holding:0, input:0x100, 40001."`
	Count   int    `help:"How many registers or bits, at most 250." default:"20"`
}

// Run reads and prints, of the meanings only the plausible ones.
func (c modbusExploreCommand) Run(ctx context.Context) (err error) {
	driver, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, driver.Close()) }()
	places, err := driver.ReadRange(ctx, gateway.Range{Unit: c.Unit, Address: c.Address, Count: c.Count})
	if err != nil {
		return fmt.Errorf("explore %s: %w", c.URL, err)
	}
	if c.JSON {
		return printJSON(places)
	}
	rows := make([][]string, len(places))
	for i, p := range places {
		if p.Raw == nil {
			rows[i] = []string{p.Address, "-", p.Reason}
			continue
		}
		rows[i] = []string{p.Address, strconv.Itoa(*p.Raw), plausibleOf(p.Meanings)}
	}
	return printTable(rows)
}

func plausibleOf(meanings []gateway.Meaning) string {
	var texts []string
	for _, m := range meanings {
		if text := fmt.Sprintf("%s %s %s", m.Type, m.ByteOrder, m.Value); m.Plausible && m.Type.Bytes() != 2 {
			texts = append(texts, strings.Join(strings.Fields(text), " "))
		}
	}
	return strings.Join(slices.Compact(texts), "   ")
}
