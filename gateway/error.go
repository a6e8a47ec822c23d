package gateway

import (
	"errors"
	"fmt"
	"strings"
)

// Code classifies an error for whoever decides about it; web turns it into an HTTP status.
type Code string

// The codes. Every other error is internal and never shown in full.
const (
	Invalid      Code = "invalid"
	NotFound     Code = "not_found"
	Conflict     Code = "conflict"
	Unauthorized Code = "unauthorized"
	Forbidden    Code = "forbidden"
	TooMany      Code = "too_many"
	Unavailable  Code = "unavailable"
	// HasBacklog: what is to be removed still has messages that wait; who wants to lose them says so.
	HasBacklog Code = "has_backlog"
)

// Error is an error that a user may see: one sentence about what is wrong and what to do.
type Error struct {
	Code Code
	// Field points at the wrong input as a JSON path ("devices[2].interval"); empty when it is about no field.
	Field   string
	Message string
	cause   error
}

// Error is the sentence for the user, after the field if there is one.
func (e *Error) Error() string {
	if e.Field != "" {
		return e.Field + ": " + e.Message
	}
	return e.Message
}

// Unwrap gives the cause, if any.
func (e *Error) Unwrap() error { return e.cause }

// Errorf makes an Error. A %w in format becomes its cause.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), cause: errors.Unwrap(err)}
}

// FieldErrorf makes an Error of code Invalid about one field.
func FieldErrorf(field, format string, args ...any) *Error {
	err := Errorf(Invalid, format, args...)
	err.Field = field
	return err
}

// InField puts a field before that of an *Error: rules[0] becomes rights.rules[0]. Other errors, and nil, stay as they are.
func InField(field string, err error) error {
	e, is := errors.AsType[*Error](err)
	if !is {
		return err
	}
	moved := *e
	moved.Field = strings.TrimSuffix(field+"."+e.Field, ".")
	return &moved
}

// CodeOf is the code of err, or "" when it is internal.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}
