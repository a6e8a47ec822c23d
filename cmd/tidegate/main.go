// Command tidegate is the whole product in one binary: the gateway (serve), a simulated plant to try it with (demo), and
// the sub-commands that talk to a running gateway.
//
// This package alone knows all parts: it opens them in the direction of the data and closes them in reverse.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // small images and boards without the package of the system have no time zones

	"github.com/alecthomas/kong"
)

// version is set by the linker.
var version = "dev"

type commandLine struct {
	Serve       serveCommand       `cmd:"" default:"withargs" help:"Run the gateway."`
	Demo        demoCommand        `cmd:"" help:"Run the gateway with a simulated plant and a cloud of its own."`
	Check       checkCommand       `cmd:"" help:"Check the start-up file and the settings, and show the result."`
	Setup       setupCommand       `cmd:"" help:"Show the link to set up the running gateway."`
	Status      statusCommand      `cmd:"" help:"Show what the running gateway is doing, as JSON."`
	Backup      backupCommand      `cmd:"" help:"Back up configuration, users and certificates, encrypted with a passphrase."`
	Restore     restoreCommand     `cmd:"" help:"Restore a backup."`
	User        userCommand        `cmd:"" help:"Manage the users of the running gateway."`
	Bridge      bridgeCommand      `cmd:"" help:"See and handle what waits in the bridges of the running gateway."`
	Certificate certificateCommand `cmd:"" help:"Manage the certificates that the running gateway shows."`
	Bench       benchCommand       `cmd:"" help:"Measure what this machine can hold."`
	Modbus      modbusCommand      `cmd:"" help:"Read, write and identify Modbus devices without a gateway, and look at the wires of the running one."`
	Serial      serialCommand      `cmd:"" help:"Look at the serial ports of this machine."`
	Sim         simCommand         `cmd:"" help:"Run a simulated Modbus device, also a faulty one."`
	Cloud       cloudCommand       `cmd:"" hidden:"" help:"Run the broker that plays the cloud of the demo."`
	Version     versionCommand     `cmd:"" help:"Show the version."`
}

func main() {
	ctx, stop := signalContext()
	defer stop()
	line := kong.Parse(&commandLine{},
		kong.Name("tidegate"),
		kong.Description("The gate between a plant and the cloud."),
		kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err := line.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "tidegate:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

// signalContext ends with the first SIGINT or SIGTERM; the second one ends the program now, as does an orderly end that
// takes longer than 3 s.
func signalContext() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		select {
		case <-signals:
		case <-time.After(3 * time.Second):
		}
		os.Exit(130)
	}()
	return ctx, cancel
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run() error {
	fmt.Println(version)
	return nil
}

type checkCommand struct {
	Config   string   `help:"Start-up file." type:"path"`
	Settings settings `embed:""`
}

// Run prints the settings that serve would use, or what is wrong with them.
func (c checkCommand) Run() error {
	s, err := c.Settings.resolve(defaultSettings(), c.Config)
	if err != nil {
		return err
	}
	fmt.Printf("data       %s\nruntime    %s\nhttps      %s\nhttp       %s\nmqtt       %s\nlog level  %s\ndurability %s\nlinger     %s\nfree floor %s\nqueue      %s\nlimits     %s\n",
		s.Data, s.Runtime, s.HTTPS, s.HTTP, s.MQTT, s.LogLevel, s.Durability, s.Linger, floorText(s.FreeFloor), &s.Queue, &s.Limits)
	return nil
}

func floorText(megabytes int) string {
	if megabytes == 0 {
		return "5 % of the disk, at most 500 MB"
	}
	return fmt.Sprintf("%d MB", megabytes)
}
