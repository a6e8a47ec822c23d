package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

type modbusDetectCommand struct {
	URL     string        `arg:"" help:"The port: rtu:///dev/ttyUSB0 or ascii:///dev/ttyUSB0; its settings are those to find."`
	Bauds   []int         `help:"Speeds to try, in their order; default 9600,19200,115200,38400,57600,4800,2400,1200."`
	Formats []string      `help:"Formats to try; default 8N1,8E1,8O1, for Modbus ASCII 7E1,7O1,8N1."`
	From    int           `help:"First unit to ask." default:"1"`
	To      int           `help:"Last unit to ask." default:"3"`
	Think   time.Duration `help:"How long each unit gets to answer, 50ms to 1s." default:"200ms"`
	JSON    bool          `help:"Print JSON instead of a table." name:"json"`
}

// Run tries until a unit answers, and says before how long that may take.
func (c modbusDetectCommand) Run(ctx context.Context) error {
	connection := gateway.Connection{ID: "wire", URL: c.URL}
	search := gateway.LineSearch{Bauds: c.Bauds, Formats: c.Formats, From: c.From, To: c.To, Timeout: gateway.Duration(c.Think)}
	takes, err := modbus.SearchTime(connection, search)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "trying for up to %s; Ctrl-C ends it\n", takes.Round(time.Second))
	found, err := modbus.Detect(ctx, connection, search)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(found)
	}
	rows := make([][]string, len(found))
	for i, f := range found {
		rows[i] = []string{f.URL, fmt.Sprintf("unit %d", f.Unit), f.Answer}
	}
	if len(found) == 0 {
		rows = [][]string{{"Nobody answered: check the wiring (A and B may be swapped), ask more units with --to, or give them more time with --think."}}
	}
	return printTable(rows)
}
