package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// certificateCommand manages the certificates of the running gateway.
type certificateCommand struct {
	List    certificateListCommand    `cmd:"" help:"Show the certificates that the gateway shows, and when they expire."`
	Check   certificateCheckCommand   `cmd:"" help:"Say what a certificate is, or what is wrong with it."`
	Add     certificateAddCommand     `cmd:"" help:"Take a certificate with its key; each handshake from then on goes by it."`
	Replace certificateReplaceCommand `cmd:"" help:"Replace a certificate; connections stay."`
	Remove  certificateRemoveCommand  `cmd:"" help:"Remove a certificate; the device's own takes its place."`
}

// certificateRequest is what the sub-commands ask of the running gateway.
type certificateRequest struct {
	Upload gateway.CertificateUpload
	Author string
}

func (g gate) certificates(ctx context.Context, command string, upload gateway.CertificateUpload) error {
	request := certificateRequest{Upload: upload, Author: author("tidegate certificate")}
	list, err := callControl[certificateRequest, []gateway.Certificate](ctx, runtimeDirectory(g.Runtime), socketName(g.Demo), command, request)
	if err != nil {
		return err
	}
	var text strings.Builder
	for i := range list {
		text.WriteString(certificateText(&list[i]))
	}
	_, err = os.Stdout.WriteString(text.String())
	return err
}

func certificateText(c *gateway.Certificate) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n", strings.TrimSpace(string(c.Kind)+" "+c.ID))
	for _, line := range []struct{ name, value string }{
		{"subject", c.Subject},
		{"names", strings.Join(c.Names, ", ")},
		{"issuer", c.Issuer},
		{"chain", strings.Join(c.Chain, "; ")},
		{"valid", fmt.Sprintf("%s to %s, %d days left", c.NotBefore.Format(time.DateOnly), c.NotAfter.Format(time.DateOnly), c.DaysLeft)},
		{"key", c.Key},
		{"SHA-256", c.Fingerprint},
		{"used by", strings.Join(c.UsedBy, ", ")},
	} {
		if line.value != "" {
			fmt.Fprintf(&text, "  %-8s %s\n", line.name, line.value)
		}
	}
	return text.String()
}

// certificateFiles are a certificate with its key.
type certificateFiles struct {
	Cert         string   `help:"PEM file with the certificate and its chain; the key may be in it too." type:"existingfile" xor:"file"`
	Key          string   `help:"PEM file with the key, without a password." type:"existingfile"`
	PKCS12       string   `name:"pkcs12" help:"PKCS#12 file (.p12, .pfx), in place of the two." type:"existingfile" xor:"file"`
	PasswordFile string   `help:"File with the password of the PKCS#12 file in its first line, - for standard input; else it is asked for."`
	Listener     []string `help:"Only for this listener; page is the page. Can be repeated."`
}

func (f certificateFiles) read(id string) (gateway.CertificateUpload, error) {
	upload := gateway.CertificateUpload{ID: id, Listeners: f.Listener}
	for path, to := range map[string]*string{f.Cert: &upload.Certificate, f.Key: &upload.Key} {
		if path == "" {
			continue
		}
		data, err := readBounded(path)
		if err != nil {
			return upload, err
		}
		*to = string(data)
	}
	if f.PKCS12 == "" {
		return upload, nil
	}
	var err error
	if upload.PKCS12, err = readBounded(f.PKCS12); err != nil {
		return upload, err
	}
	if f.PasswordFile == "" {
		upload.Password, err = askOnce("Password of the file: ", "--password-file")
	} else {
		upload.Password, err = passphraseFlag{PassphraseFile: f.PasswordFile}.read(false)
	}
	return upload, err
}

// readBounded does not send more than the gateway would take.
func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxRequest/4+1))
	if err == nil && len(data) > maxRequest/4 {
		err = fmt.Errorf("%s is too large for a certificate", path)
	}
	return data, err
}

type certificateListCommand struct {
	Gate gate `embed:""`
}

// Run prints all certificates.
func (c certificateListCommand) Run(ctx context.Context) error {
	return c.Gate.certificates(ctx, "certificate-list", gateway.CertificateUpload{})
}

type certificateCheckCommand struct {
	Files certificateFiles `embed:""`
	Gate  gate             `embed:""`
}

// Run prints what would be taken.
func (c certificateCheckCommand) Run(ctx context.Context) error {
	upload, err := c.Files.read("")
	if err != nil {
		return err
	}
	return c.Gate.certificates(ctx, "certificate-check", upload)
}

type certificateAddCommand struct {
	ID    string           `arg:"" help:"Name of the certificate."`
	Files certificateFiles `embed:""`
	Gate  gate             `embed:""`
}

// Run takes a new certificate and prints what it is.
func (c certificateAddCommand) Run(ctx context.Context) error {
	upload, err := c.Files.read(c.ID)
	if err != nil {
		return err
	}
	return c.Gate.certificates(ctx, "certificate-add", upload)
}

type certificateReplaceCommand certificateAddCommand

// Run replaces a certificate and prints what it is now. Without files its listeners are changed alone.
func (c certificateReplaceCommand) Run(ctx context.Context) error {
	upload, err := c.Files.read(c.ID)
	if err != nil {
		return err
	}
	return c.Gate.certificates(ctx, "certificate-replace", upload)
}

type certificateRemoveCommand struct {
	ID   string `arg:"" help:"Name of the certificate."`
	Gate gate   `embed:""`
}

// Run removes a certificate.
func (c certificateRemoveCommand) Run(ctx context.Context) error {
	return c.Gate.certificates(ctx, "certificate-remove", gateway.CertificateUpload{ID: c.ID})
}
