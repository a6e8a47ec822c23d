package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"

	"github.com/tidegate/tidegate/gateway"
)

// userCommand manages the accounts of the running gateway, of people and of MQTT users.
type userCommand struct {
	Add    userAddCommand    `cmd:"" help:"Add an MQTT user, or with --role a person who may open the page."`
	Remove userRemoveCommand `cmd:"" help:"Remove a user; an MQTT user with its sessions and what is queued for it."`
	List   userListCommand   `cmd:"" help:"Show all users."`
	Passwd userPasswdCommand `cmd:"" help:"Give a user a new password."`
	May    userMayCommand    `cmd:"" help:"Say whether a client may publish or subscribe, and which rule decides."`
}

// gate is the running gateway that a command about users is for.
type gate struct {
	Demo    bool   `help:"Of the demo."`
	Runtime string `help:"Directory of the control socket." env:"TIDEGATE_RUNTIME" type:"path"`
}

func (g gate) call(ctx context.Context, command string, request userRequest) ([]userLine, error) {
	request.Author = author("tidegate user")
	return callControl[userRequest, []userLine](ctx, runtimeDirectory(g.Runtime), socketName(g.Demo), command, request)
}

// author is who changes something by a sub-command.
func author(command string) string {
	if current, err := user.Current(); err == nil {
		command += ", " + current.Username
	}
	return command
}

// userRequest is what the sub-commands ask of the running gateway.
type userRequest struct {
	Name, Password, Author string
	// Role makes a person; empty: an MQTT user.
	Role   gateway.Role
	Preset string
}

// userLine is a user as the list shows it.
type userLine struct{ Name, Kind, MQTT string }

// passwordFlag is where a password comes from: never from the command line, which everybody can see.
type passwordFlag struct {
	PasswordFile string `help:"File with the password in its first line, - for standard input; else it is asked for."`
	Generate     bool   `help:"Make a random password and print it, this once."`
}

func (f passwordFlag) read() (string, error) {
	switch {
	case f.Generate && f.PasswordFile != "":
		return "", errors.New("give a password or have one made, not both")
	case f.Generate:
		return rand.Text(), nil
	case f.PasswordFile != "":
		return passphraseFlag{PassphraseFile: f.PasswordFile}.read(true)
	}
	return askTwice("Password: ", "--password-file or --generate")
}

// show prints a password that was made.
func (f passwordFlag) show(password string) {
	if f.Generate {
		fmt.Println(password)
	}
}

type userAddCommand struct {
	Name     string       `arg:"" help:"Name of the user."`
	Role     gateway.Role `help:"Makes a person: viewer, operator or administrator."`
	Preset   string       `help:"Rules for topics: everything, read-only, monitoring, own-topics, sensor. For an MQTT user own-topics; a person gets none."`
	Password passwordFlag `embed:""`
	Gate     gate         `embed:""`
}

// Run adds a user.
func (c userAddCommand) Run(ctx context.Context) error {
	password, err := c.Password.read()
	if err != nil {
		return err
	}
	_, err = c.Gate.call(ctx, "user-add", userRequest{Name: c.Name, Password: password, Role: c.Role, Preset: c.Preset})
	if err == nil {
		c.Password.show(password)
	}
	return err
}

type userRemoveCommand struct {
	Name string `arg:"" help:"Name of the user."`
	Gate gate   `embed:""`
}

// Run removes a user.
func (c userRemoveCommand) Run(ctx context.Context) error {
	_, err := c.Gate.call(ctx, "user-remove", userRequest{Name: c.Name})
	return err
}

type userPasswdCommand struct {
	Name     string       `arg:"" help:"Name of the user."`
	Password passwordFlag `embed:""`
	Gate     gate         `embed:""`
}

// Run sets a password.
func (c userPasswdCommand) Run(ctx context.Context) error {
	password, err := c.Password.read()
	if err != nil {
		return err
	}
	_, err = c.Gate.call(ctx, "user-passwd", userRequest{Name: c.Name, Password: password})
	if err == nil {
		c.Password.show(password)
	}
	return err
}

type userListCommand struct {
	Gate gate `embed:""`
}

// Run prints one line for each user.
func (c userListCommand) Run(ctx context.Context) error {
	lines, err := c.Gate.call(ctx, "user-list", userRequest{})
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&text, "%-24s %-14s %s\n", line.Name, line.Kind, line.MQTT)
	}
	_, err = os.Stdout.WriteString(text.String())
	return err
}
