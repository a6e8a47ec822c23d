package main

import (
	"context"
	"fmt"
	"os"

	"github.com/tidegate/tidegate/gateway"
)

// bridgeCertificateCommand changes what a bridge proves itself with.
type bridgeCertificateCommand struct {
	Request bridgeCertificateRequestCommand `cmd:"" help:"Make a key on the device, which never leaves it, and print a request for its certificate (PKCS#10)."`
	Test    bridgeCertificateTestCommand    `cmd:"" help:"Try a connection with a certificate, beside the one that runs; nothing is saved."`
	Replace bridgeCertificateReplaceCommand `cmd:"" help:"Take a certificate: PEM, PKCS#12, or the answer to a request; the bridge connects anew with it, and what waits stays."`
}

type bridgeCertificateRequestCommand struct {
	bridgeGate

	CommonName string `help:"Name in the certificate; left out: the client id of the bridge, or else its id." placeholder:"NAME"`
	Output     string `help:"File to write, - for standard output." short:"o" default:"-" type:"path"`
}

// Run prints the request; asked for again before its certificate came, it is for the same key.
func (c bridgeCertificateRequestCommand) Run(ctx context.Context) error {
	in := bridgeCertificateRequest{ID: c.ID, CommonName: c.CommonName, Author: author("tidegate bridge")}
	request, err := callBridgeCertificate[string](ctx, c.Gate, "bridge-certificate-request", in)
	if err != nil {
		return err
	}
	if c.Output == "-" {
		_, err = os.Stdout.WriteString(request)
		return err
	}
	if err := os.WriteFile(c.Output, []byte(request), 0o644); err != nil { //nolint:gosec // nothing in it is secret
		return fmt.Errorf("write the request: %w", err)
	}
	return nil
}

// clientCertificateFiles are a certificate with its key; the answer to a request has none.
type clientCertificateFiles struct {
	Cert         string `help:"PEM file with the certificate and its chain; the key may be in it too." type:"existingfile" xor:"file" required:""`
	Key          string `help:"PEM file with the key, without a password; left out for the answer to a request." type:"existingfile"`
	PKCS12       string `name:"pkcs12" help:"PKCS#12 file (.p12, .pfx), in place of the two." type:"existingfile" xor:"file" required:""`
	PasswordFile string `help:"File with the password of the PKCS#12 file in its first line, - for standard input; else it is asked for."`
}

func (f clientCertificateFiles) order(id string) (bridgeCertificateRequest, error) {
	files := certificateFiles{Cert: f.Cert, Key: f.Key, PKCS12: f.PKCS12, PasswordFile: f.PasswordFile}
	upload, err := files.read("")
	return bridgeCertificateRequest{ID: id, Upload: upload, Author: author("tidegate bridge")}, err
}

type bridgeCertificateTestCommand struct {
	bridgeGate

	Files clientCertificateFiles `embed:""`
}

// Run prints one line for each step; a failed test is an error.
func (c bridgeCertificateTestCommand) Run(ctx context.Context) error {
	in, err := c.Files.order(c.ID)
	if err != nil {
		return err
	}
	test, err := callBridgeCertificate[gateway.BridgeTest](ctx, c.Gate, "bridge-certificate-test", in)
	if err != nil {
		return err
	}
	return printTest(test, false)
}

type bridgeCertificateReplaceCommand bridgeCertificateTestCommand

// Run swaps and prints what the certificate is.
func (c bridgeCertificateReplaceCommand) Run(ctx context.Context) error {
	in, err := c.Files.order(c.ID)
	if err != nil {
		return err
	}
	certificate, err := callBridgeCertificate[gateway.Certificate](ctx, c.Gate, "bridge-certificate-replace", in)
	if err == nil {
		fmt.Print(certificateText(&certificate))
	}
	return err
}

func callBridgeCertificate[Out any](ctx context.Context, g gate, command string, in bridgeCertificateRequest) (Out, error) {
	return callControl[bridgeCertificateRequest, Out](ctx, runtimeDirectory(g.Runtime), socketName(g.Demo), command, in)
}
