package broker

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/coder/websocket"
)

// socket is a WebSocket as a stream of bytes: packets may begin and end anywhere in the messages [MQTT-6.0.0-2]. Deadlines
// are those of the connection below, so that one that has passed does not cut off the last words.
type socket struct {
	net.Conn
	ws      *websocket.Conn
	message io.Reader // being read; nil between two
}

var errText = errors.New("a WebSocket message is not binary")

func (s *socket) Read(p []byte) (int, error) {
	for {
		if err := s.next(); err != nil {
			return 0, err
		}
		n, err := s.message.Read(p)
		if errors.Is(err, io.EOF) {
			s.message, err = nil, nil
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// next waits for a message when there is none.
func (s *socket) next() error {
	if s.message != nil {
		return nil
	}
	kind, message, err := s.ws.Reader(context.Background()) // bounded by the deadline of the connection below
	switch {
	case websocket.CloseStatus(err) != -1:
		return io.EOF
	case err != nil:
		return err
	case kind != websocket.MessageBinary: // [MQTT-6.0.0-1]
		return errText
	}
	s.message = message
	return nil
}

// Write sends one message, however many packets are in it.
func (s *socket) Write(p []byte) (int, error) {
	if err := s.ws.Write(context.Background(), websocket.MessageBinary, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close does not wait for the other side.
func (s *socket) Close() error { return s.ws.CloseNow() }
