package gateway

import "time"

// Tracing shows what went over the wires of connections. For each one a bounded memory has the most recent steps, whether
// somebody looks or not; it is larger for some minutes after somebody looked.
type Tracing interface {
	// Frames gives what a query finds, in the order in which it went over the wire. It does not wait. A connection that
	// has had no wire since the start has no frames.
	Frames(connection Connection, q FrameQuery) (FramePage, error)
	// FrameFile is all that is kept of a connection as a pcapng file, which Wireshark reads.
	FrameFile(connection Connection) ([]byte, error)
}

// FrameQuery chooses frames; the zero value finds all that are kept.
type FrameQuery struct {
	// After is where an earlier answer ended (FramePage.Next); 0 is the newest Limit frames.
	After uint64
	// Unit and Function are those of Modbus; negative means any.
	Unit, Function int
	// Problems leaves out what is as it should be. An exception is a problem too.
	Problems bool
	// Limit is how many at most; 0 means all.
	Limit int
}

// FramePage is a part of what went over a wire.
type FramePage struct {
	Frames []Frame `json:"frames"`
	// Next is where to go on: the number of the last frame that was looked at, found or not.
	Next uint64 `json:"next"`
	// Overwritten counts the pieces that were sent or received since the start and are no longer kept.
	Overwritten uint64 `json:"overwritten"`
	// Missed says that some after FrameQuery.After were overwritten before anybody asked for them.
	Missed bool `json:"missed,omitempty"`
}

// FrameProblem is why something on the wire is no good.
type FrameProblem string

// The problems. All that was received with one of them was dropped.
const (
	// FrameNoAnswer is a request without an answer; it has no bytes.
	FrameNoAnswer FrameProblem = "noAnswer"
	// FrameChecksum has a wrong CRC or LRC, and FrameTruncated ends too early.
	FrameChecksum  FrameProblem = "checksum"
	FrameTruncated FrameProblem = "truncated"
	// FrameNoise is bytes that make no frame.
	FrameNoise FrameProblem = "noise"
	// FrameOther is a frame that does not answer the request that waits: another unit, function, length or transaction.
	FrameOther FrameProblem = "other"
	// FrameLate came when its request was given up, or was not waited for any more.
	FrameLate FrameProblem = "late"
	// FrameUnasked came although nobody was asked.
	FrameUnasked FrameProblem = "unasked"
	// FrameEcho is what was sent, given back by the adapter although nobody said that it does.
	FrameEcho FrameProblem = "echo"
	// FrameClosed is a request whose wire was gone before its answer; it has no bytes.
	FrameClosed FrameProblem = "closed"
)

// FrameProblems are all that there are.
func FrameProblems() []FrameProblem {
	return []FrameProblem{
		FrameNoAnswer, FrameChecksum, FrameTruncated, FrameNoise, FrameOther, FrameLate, FrameUnasked, FrameEcho, FrameClosed,
	}
}

// Frame is what went over a wire in one piece.
type Frame struct {
	// Number grows from frame to frame.
	Number uint64    `json:"number"`
	Time   time.Time `json:"time"`
	// Sent is false for what was received, or should have been.
	Sent bool `json:"sent"`
	// Bytes are two hexadecimal digits for each byte; empty where an answer is missing.
	Bytes string `json:"bytes"`
	// Milliseconds are those from the request to its reply; 0 for everything else.
	Milliseconds float64 `json:"milliseconds,omitempty"`
	// Problem is empty for what was taken, and Detail says more about it, for people.
	Problem FrameProblem `json:"problem,omitempty"`
	Detail  string       `json:"detail,omitempty"`
	// Modbus is nil for bytes of which that is not known.
	Modbus *ModbusFrame `json:"modbus,omitempty"`
}

// ModbusFrame is what a frame says.
type ModbusFrame struct {
	// Transaction is only in Modbus TCP.
	Transaction *int `json:"transaction,omitempty"`
	Unit        int  `json:"unit"`
	// Function is without the bit of an exception; Name is that of the standard.
	Function int    `json:"function"`
	Name     string `json:"name"`
	// Address is the first place that it is about, as in Point.Address; empty for some functions. A reply has that of its
	// request.
	Address  string `json:"address,omitempty"`
	Quantity int    `json:"quantity,omitempty"`
	// Values are registers or bits that are read or written.
	Values []int `json:"values,omitempty"`
	// Exception is the code of a refusal, 0 for none, with what it means.
	Exception     int    `json:"exception,omitempty"`
	ExceptionText string `json:"exceptionText,omitempty"`
	// Checksum is about CRC or LRC; empty where there is none.
	Checksum string `json:"checksum,omitempty" enum:"right,wrong"`
}

// Finds reports whether a query chooses a frame, whatever its number.
func (q FrameQuery) Finds(f Frame) bool {
	m := f.Modbus
	switch {
	case q.Unit >= 0 && (m == nil || m.Unit != q.Unit), q.Function >= 0 && (m == nil || m.Function != q.Function):
		return false
	case q.Problems:
		return f.Problem != "" || m != nil && m.Exception != 0
	}
	return true
}
