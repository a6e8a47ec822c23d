package web

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tidegate/tidegate/gateway"
)

const (
	formType = "multipart/form-data"
	// fileField is the field with the file; it comes last, because what follows it is not read.
	fileField = "file"
	// maxField and maxFields bound what comes before the file.
	maxField  = 4096
	maxFields = 16
)

// form is an upload: its fields, and the file, which is read while it comes.
type form struct {
	fields map[string]string
	file   io.Reader
}

func (f *form) is(name string) bool { return f.fields[name] == "true" }

// readForm reads up to the file.
func readForm(contentType string, body io.Reader) (*form, error) {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || kind != formType {
		return nil, gateway.Errorf(gateway.Invalid, "the request must be %s with a field %q at its end", formType, fileField)
	}
	parts := multipart.NewReader(body, parameters["boundary"])
	f := &form{fields: map[string]string{}}
	for range maxFields {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, gateway.FieldErrorf(fileField, "no file was sent: choose one")
		}
		if err != nil {
			return nil, gateway.Errorf(gateway.Invalid, "the form cannot be read: send it again (%w)", err)
		}
		if part.FormName() == fileField {
			f.file = part
			return f, nil
		}
		if f.fields[part.FormName()], err = readField(part); err != nil {
			return nil, err
		}
	}
	return nil, gateway.Errorf(gateway.Invalid, "the form has too many fields before its file")
}

func readField(part *multipart.Part) (string, error) {
	text, err := io.ReadAll(io.LimitReader(part, maxField+1))
	if err != nil {
		return "", gateway.Errorf(gateway.Invalid, "the form cannot be read: send it again (%w)", err)
	}
	if len(text) > maxField {
		return "", gateway.FieldErrorf(part.FormName(), "this is too long: at most %d bytes", maxField)
	}
	return string(text), nil
}

// formSchema describes the form of a restore, the only upload so far.
func formSchema() *huma.Schema {
	flag := func(text string) *huma.Schema { return &huma.Schema{Type: huma.TypeBoolean, Description: text} }
	return &huma.Schema{
		Type: huma.TypeObject, Required: []string{"passphrase", fileField},
		Properties: map[string]*huma.Schema{
			"passphrase": {Type: huma.TypeString, Format: "password"},
			"queue":      flag("Restore the queue too; what is queued now is set aside"),
			"history":    flag("Restore the readings of the past too; those of now are set aside"),
			fileField:    {Type: huma.TypeString, Format: "binary", Description: "The backup; it comes after the other fields"},
		},
	}
}
