package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

type demoCommand struct {
	Run    demoRunCommand    `cmd:"" default:"withargs" help:"Run the demo."`
	Outage demoOutageCommand `cmd:"" help:"Cut the link between the running demo and its cloud for a while; 0s mends it."`
}

type demoOutageCommand struct {
	Duration time.Duration `arg:"" help:"How long, for example 30s; at most 24h."`
	Runtime  string        `help:"Directory of the control socket." env:"TIDEGATE_RUNTIME" type:"path"`
}

// Run asks the running demo to cut the link.
func (c demoOutageCommand) Run(ctx context.Context) error {
	_, err := callControl[gateway.Duration, struct{}](ctx, runtimeDirectory(c.Runtime), socketName(true), "outage", gateway.Duration(c.Duration))
	if err != nil {
		return err
	}
	if c.Duration == 0 {
		fmt.Println("The link to the cloud is mended.")
		return nil
	}
	fmt.Printf("The link to the cloud is cut for %s; what the cloud misses waits in the queue.\n", c.Duration)
	return nil
}

type demoRunCommand struct {
	Cloud       string   `help:"A real broker as the cloud: mqtt://host:1883."`
	CloudListen string   `help:"Where the demo's own cloud listens." default:"127.0.0.1:1884"`
	Fresh       bool     `help:"Start anew: remove the data of earlier demos."`
	Settings    settings `embed:""`
}

// Run is the gateway with a plant that is simulated by real Modbus and serial slaves, and a cloud that is a second broker.
func (c demoRunCommand) Run(ctx context.Context) error {
	s, err := c.Settings.resolve(demoSettings(), "")
	if err != nil {
		return err
	}
	logger, err := s.logger()
	if err != nil {
		return err
	}
	if c.Fresh {
		if err := removeDemo(s.Data); err != nil {
			return err
		}
	}
	lock, err := lockDirectory(s.Data)
	if err != nil {
		return err
	}
	return errors.Join(c.runIn(ctx, s, logger), lock.Close())
}

// runIn runs the demo in a data directory that is its own.
func (c demoRunCommand) runIn(ctx context.Context, s settings, logger *slog.Logger) error {
	plant, err := openPlant(ctx, filepath.Join(s.Data, "plant"))
	if err != nil {
		return err
	}
	cloudURL, child, err := c.openCloud(ctx, s)
	if err != nil {
		return errors.Join(err, plant.Close())
	}
	wire := newLink(filepath.Join(s.Data, "outage"))
	p, err := openProgram(ctx, programOptions{
		settings: s, logger: logger, dial: wire.Dial, anyPort: true, demo: wire,
		configure: func(config gateway.Config) gateway.Config { return plant.configure(config, cloudURL) },
	})
	if err != nil {
		return errors.Join(err, closeChild(child), plant.Close())
	}
	p.extraLines = append(plant.lines(), cloudLines(cloudURL, child)...)
	p.announce(os.Stdout, "Tidegate "+version+", a simulated plant; Ctrl-C ends it")
	return errors.Join(p.run(ctx), closeChild(child), plant.Close())
}

// demoSettings show the page to everybody over HTTP: there is nothing to protect in a simulated plant but the changes.
func demoSettings() settings {
	s := defaultSettings()
	s.Data = filepath.Join(s.Data, "demo")
	s.HTTPS = off
	s.HTTP = ":8080"
	s.LogLevel = "warn"
	return s
}

// removeDemo removes what a demo made, and only if it was a demo that made it.
func removeDemo(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "plant")); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	lock, err := lockDirectory(dir)
	if err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(dir), lock.Close())
}

func (c demoRunCommand) openCloud(ctx context.Context, s settings) (string, *cloudChild, error) {
	if c.Cloud != "" {
		u, err := url.Parse(c.Cloud)
		if err != nil || u.Hostname() == "" || u.Scheme != "mqtt" && u.Scheme != "mqtts" {
			return "", nil, fmt.Errorf("cloud: %q is not the address of a broker: use mqtt://host:1883", c.Cloud)
		}
		return c.Cloud, nil, nil
	}
	if err := validateAddress(c.CloudListen); err != nil {
		return "", nil, fmt.Errorf("cloud-listen: %w", err)
	}
	child, err := startCloudChild(ctx, filepath.Join(s.Data, "cloud"), c.CloudListen)
	if err != nil {
		return "", nil, err
	}
	return "mqtt://" + child.Address, child, nil
}

type extraLine struct{ name, value string }

func cloudLines(cloudURL string, child *cloudChild) []extraLine {
	lines := []extraLine{{"cloud", cloudURL}}
	if child != nil {
		lines = append(lines, extraLine{"cloud-process", strconv.Itoa(child.command.Process.Pid)})
	}
	return lines
}

func closeChild(child *cloudChild) error {
	if child == nil {
		return nil
	}
	return child.Close()
}
