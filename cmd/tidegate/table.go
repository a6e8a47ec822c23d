package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/tidegate/tidegate/gateway"
)

func printReadings(asJSON bool, readings ...gateway.Reading) error {
	rows, result := make([][]string, len(readings)), error(nil)
	for i, r := range readings {
		rows[i] = []string{r.Point.Point, r.Value.String(), string(r.Quality), r.Reason}
		if r.Quality != gateway.Good {
			result = errNoValue
		}
	}
	if asJSON {
		return errors.Join(printJSON(readings), result)
	}
	return errors.Join(printTable(rows), result)
}

func printTable(rows [][]string) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(table, "\t")
			}
			fmt.Fprint(table, cell)
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}

func printJSONLine(v any) error { return json.NewEncoder(os.Stdout).Encode(v) }

func printJSON(v any) error {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
