package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/tidegate/tidegate/gateway"
)

// ListenerEdit is a listener as a form sends it.
type ListenerEdit struct {
	Revision int64            `json:"revision" doc:"Revision of the configuration from which the form was made"`
	Listener gateway.Listener `json:"listener"`
}

// ListenerSaved is a listener as it is now.
type ListenerSaved struct {
	Revision int64            `json:"revision"`
	Listener gateway.Listener `json:"listener"`
}

type (
	addListenerIn    struct{ Body ListenerEdit }
	changeListenerIn struct {
		ID   string `path:"id"`
		Body ListenerEdit
	}
	listenerOut struct{ Body ListenerSaved }
)

func (s *Server) addListener(ctx context.Context, in *addListenerIn) (*listenerOut, error) {
	return s.saveListener(ctx, in.Body, func(config gateway.Config) (gateway.Config, error) {
		return withNewListener(config, in.Body.Listener)
	})
}

func (s *Server) changeListener(ctx context.Context, in *changeListenerIn) (*listenerOut, error) {
	return s.saveListener(ctx, in.Body, func(config gateway.Config) (gateway.Config, error) {
		i := slices.IndexFunc(config.Listeners, func(l gateway.Listener) bool { return l.ID == in.ID })
		if i < 0 {
			return config, notFound("listener", in.ID)
		}
		if in.Body.Listener.ID != in.ID {
			return config, gateway.FieldErrorf("listener.id", "the id of a listener never changes: %q", in.ID)
		}
		config.Listeners[i] = in.Body.Listener
		return config, nil
	})
}

func withNewListener(config gateway.Config, listener gateway.Listener) (gateway.Config, error) {
	if _, exists := config.Listener(listener.ID); exists {
		return config, gateway.FieldErrorf("listener.id", "%q is there already: choose another one", listener.ID)
	}
	config.Listeners = append(config.Listeners, listener)
	return config, nil
}

func (s *Server) saveListener(ctx context.Context, sent ListenerEdit, edit edit) (*listenerOut, error) {
	config, err := s.apply(ctx, sent.Revision, sentIDs{listener: sent.Listener.ID}, edit)
	if err != nil {
		return nil, err
	}
	listener, _ := config.Listener(sent.Listener.ID)
	return &listenerOut{Body: ListenerSaved{Revision: config.Revision, Listener: listener}}, nil
}

func (s *Server) removeListener(ctx context.Context, in *removeIn) (*savedOut, error) {
	config, err := s.apply(ctx, in.Revision, sentIDs{}, func(config gateway.Config) (gateway.Config, error) {
		if _, exists := config.Listener(in.ID); !exists {
			return config, notFound("listener", in.ID)
		}
		config.Listeners = slices.DeleteFunc(config.Listeners, func(l gateway.Listener) bool { return l.ID == in.ID })
		return config, nil
	})
	if err != nil {
		return nil, err
	}
	return &savedOut{Body: Saved{Revision: config.Revision}}, nil
}

// LocalLoginEdit says whether clients on the machine itself need a name.
type LocalLoginEdit struct {
	Revision   int64              `json:"revision" doc:"Revision of the configuration from which the form was made"`
	LocalLogin gateway.LocalLogin `json:"localLogin"`
}

type localLoginIn struct{ Body LocalLoginEdit }

func (s *Server) changeLocalLogin(ctx context.Context, in *localLoginIn) (*savedOut, error) {
	return s.change(ctx, in.Body.Revision, func(config gateway.Config) (gateway.Config, error) {
		config.LocalLogin = in.Body.LocalLogin
		return config, nil
	})
}

// lanTLS is the listener that set-up opens when it is asked to: named users over TLS, nobody else.
func lanTLS() gateway.Listener {
	return gateway.Listener{ID: "lan-tls", Kind: gateway.ListenTLS, Address: ":8883"}
}

// openLAN answers the question of set-up. A port that is taken does not undo the set-up: it is a warning of the log, and
// the administrator can choose another one.
func (s *Server) openLAN(ctx context.Context, author string) {
	next, err := withNewListener(shown(s.Control.Config()), lanTLS())
	if err == nil {
		_, err = s.Control.Apply(ctx, next, author)
	}
	if err != nil {
		s.Logger.Warn("MQTT over TLS cannot be opened: add a listener with another port", "error", err)
	}
}

// getCA gives the certificate of the device's CA, which every client sees in each handshake anyway.
func (s *Server) getCA(c *gin.Context) {
	if s.CA == "" {
		c.String(http.StatusNotFound, "there is no certificate authority")
		return
	}
	c.Header("Content-Disposition", `attachment; filename="tidegate-ca.pem"`)
	c.Data(http.StatusOK, "application/x-pem-file", []byte(s.CA))
}
