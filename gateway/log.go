package gateway

import (
	"context"
	"time"
)

// LogLevel is how much a line of the log matters.
type LogLevel string

// The levels, from packets to what somebody must act on.
const (
	LogDebug LogLevel = "debug"
	LogInfo  LogLevel = "info"
	LogWarn  LogLevel = "warn"
	LogError LogLevel = "error"
)

// LogLine is one record of the log. A line is never changed.
type LogLine struct {
	// Number counts the lines since the start, from 1.
	Number  uint64    `json:"number"`
	Time    time.Time `json:"time"`
	Level   LogLevel  `json:"level" enum:"debug,info,warn,error"`
	Message string    `json:"message"`
	// Attributes is key=value for each attribute, separated by blanks.
	Attributes string `json:"attributes,omitempty"`
}

// LogQuery chooses lines of the log; the zero value finds all that are kept.
type LogQuery struct {
	// After is the number of the last line that is known already.
	After uint64
	// Level is the least that is wanted; empty means all.
	Level LogLevel
	// Search is a part of message or attributes, whatever its case.
	Search string
	// Limit is how many of the newest lines; 0 means all.
	Limit int
}

// Logs are the most recent lines of the log, a bounded number.
type Logs interface {
	// Lines gives what a query finds, in the order in which it came. It does not wait.
	Lines(q LogQuery) []LogLine
	// Wait returns when a line came after that number, at once when it is there already, or with the error of ctx.
	Wait(ctx context.Context, after uint64) error
}
