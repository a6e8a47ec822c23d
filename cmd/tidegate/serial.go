package main

import (
	"fmt"
	"os"

	"github.com/tidegate/tidegate/drivers/line"
)

type serialCommand struct {
	List serialListCommand `cmd:"" help:"List the serial ports, by the names that stay the same. No port is opened."`
}

type serialListCommand struct {
	JSON bool `help:"Print JSON instead of a table." name:"json"`
}

// Run lists the ports.
func (c serialListCommand) Run() error {
	ports := line.Ports()
	if c.JSON {
		return printJSON(append([]line.Port{}, ports...))
	}
	if len(ports) == 0 {
		fmt.Fprintln(os.Stderr, "there is no serial port: plug the adapter in, and look into dmesg when it does not appear")
		return nil
	}
	rows := make([][]string, len(ports))
	for i, p := range ports {
		rows[i] = []string{p.Path, p.Device, p.Description, p.Serial}
		if p.Twin {
			rows[i][3] = "told from its twin by its place only"
		}
	}
	return printTable(rows)
}
