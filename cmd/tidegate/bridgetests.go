package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
)

// mostBridgeTests run at the same time.
const mostBridgeTests = 3

// bridgeTests try connections beside the bridges that run.
type bridgeTests struct {
	config  func() gateway.Config
	options bridge.Options
	places  chan struct{}
}

var _ gateway.BridgeTests = (*bridgeTests)(nil)

func newBridgeTests(config func() gateway.Config, options bridge.Options) *bridgeTests {
	return &bridgeTests{config: config, options: options, places: make(chan struct{}, mostBridgeTests)}
}

// TestBridge tries a bridge as it is given.
func (t *bridgeTests) TestBridge(ctx context.Context, b gateway.Bridge) (gateway.BridgeTest, error) {
	select {
	case t.places <- struct{}{}:
		defer func() { <-t.places }()
	default:
		return gateway.BridgeTest{}, gateway.Errorf(gateway.Unavailable, "%d connections are being tested already: try again in a moment", mostBridgeTests)
	}
	config := t.config()
	trial := bridge.Trial{Bridge: b, Options: t.options}
	trial.Options.GatewayName = config.Name
	for i := range config.Bridges {
		other := &config.Bridges[i]
		trial.Taken = trial.Taken || !other.Disabled && other.ClientID == b.ClientID && hostOf(other.URL) == hostOf(b.URL)
	}
	return trial.Run(ctx), nil
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.ToLower(u.Hostname())
}

// fromSocket tries a bridge by its id, or a draft.
func (t *bridgeTests) fromSocket(ctx context.Context, in bridgeRequest) (gateway.BridgeTest, error) {
	config := t.config()
	if len(in.Draft) == 0 {
		b, exists := config.Bridge(in.ID)
		if !exists {
			return gateway.BridgeTest{}, gateway.Errorf(gateway.NotFound, "there is no bridge %q", in.ID)
		}
		return t.TestBridge(ctx, b)
	}
	var draft gateway.Bridge
	if err := json.Unmarshal(in.Draft, &draft); err != nil {
		return gateway.BridgeTest{}, fmt.Errorf("read the draft: %w", err)
	}
	if err := draft.ValidateAlone(); err != nil {
		return gateway.BridgeTest{}, err
	}
	return t.TestBridge(ctx, draft)
}

type bridgeTestCommand struct {
	ID   string `arg:"" optional:"" help:"The bridge; left out with --file."`
	File string `help:"JSON of a bridge that is not saved, with its secrets, as the API takes it." type:"existingfile"`
	JSON bool   `help:"As JSON."`
	Gate gate   `embed:""`
}

var errTestFailed = errors.New("the test failed")

// Run prints one line for each step; a failed test is an error.
func (c bridgeTestCommand) Run(ctx context.Context) error {
	in := bridgeRequest{ID: c.ID}
	if (c.ID == "") == (c.File == "") {
		return errors.New("name a bridge, or the file of a draft with --file")
	}
	if c.File != "" {
		draft, err := os.ReadFile(c.File)
		if err != nil {
			return fmt.Errorf("read the draft: %w", err)
		}
		in.Draft = draft
	}
	test, err := callBridge[gateway.BridgeTest](ctx, c.Gate, "bridge-test", in)
	if err != nil {
		return err
	}
	return printTest(test, c.JSON)
}

// printTest prints a test; one that failed is an error.
func printTest(test gateway.BridgeTest, asJSON bool) (err error) {
	if asJSON {
		err = printJSON(test)
	} else {
		err = printTable(testRows(test))
	}
	if !test.Passed {
		err = cmp.Or(err, errTestFailed)
	}
	return err
}

// testRows has what was dialled and shown below its step.
func testRows(test gateway.BridgeTest) [][]string {
	rows := [][]string{{"STEP", "OUTCOME", "MS", "MESSAGE"}}
	add := func(step, outcome string, ms float64, message string) {
		rows = append(rows, []string{step, outcome, fmt.Sprintf("%.1f", ms), message})
	}
	for i := range test.Steps {
		s := &test.Steps[i]
		add(string(s.Step), string(s.Outcome), s.Ms, s.Message)
		for _, a := range s.Addresses {
			add("", "", a.Ms, strings.TrimSpace(a.Address+" "+a.Error))
		}
		for _, certificate := range s.Certificates {
			add("", "", 0, fmt.Sprintf("%s (%s), ends %s, pin %s", certificate.Subject, strings.Join(certificate.Names, " "),
				certificate.NotAfter.Format("2006-01-02"), certificate.Pin))
		}
		for _, topic := range s.Topics {
			add("", string(topic.Outcome), 0, strings.TrimSpace(topic.Filter+" "+topic.Message))
		}
	}
	return rows
}
