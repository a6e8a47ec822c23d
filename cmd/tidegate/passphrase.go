package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// passphraseFlag is where the passphrase of a backup comes from: never from the command line, which everybody can see.
type passphraseFlag struct {
	PassphraseFile string `help:"File with the passphrase in its first line, - for standard input; else it is asked for."`
}

const maxPassphraseLine = 4096

// read asks twice when the passphrase is new.
func (f passphraseFlag) read(isNew bool) (string, error) {
	switch f.PassphraseFile {
	case "":
		return askPassphrase(isNew)
	case "-":
		return firstLine(os.Stdin)
	}
	file, err := os.Open(f.PassphraseFile)
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	defer func() { _ = file.Close() }()
	return firstLine(file)
}

func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, maxPassphraseLine)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.New("read the passphrase: its first line is empty")
	}
	return line, nil
}

func askPassphrase(isNew bool) (string, error) {
	const question, instead = "Passphrase of the backup: ", "--passphrase-file"
	if isNew {
		return askTwice(question, instead)
	}
	return askOnce(question, instead)
}

func askOnce(question, instead string) (string, error) {
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return "", errors.New("there is no terminal to ask at: use " + instead)
	}
	return ask(question)
}

// askTwice is for what is new: a slip would be found too late.
func askTwice(question, instead string) (string, error) {
	first, err := askOnce(question, instead)
	if err != nil {
		return "", err
	}
	second, err := ask("Once more: ")
	if err == nil && first != second {
		err = errors.New("the two differ: try again")
	}
	return first, err
}

// ask shows nothing of what is typed.
func ask(question string) (string, error) {
	fmt.Fprint(os.Stderr, question)
	answer, err := term.ReadPassword(int(os.Stdin.Fd()))
	fmt.Fprintln(os.Stderr)
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	return string(answer), nil
}
