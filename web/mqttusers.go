package web

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/tidegate/tidegate/gateway"
)

type mqttUsersOut struct{ Body []gateway.MQTTUser }

func (s *Server) getMQTTUsers(context.Context, *none) (*mqttUsersOut, error) {
	return &mqttUsersOut{Body: list(s.MQTTUsers.MQTTUsers())}, nil
}

type presetsOut struct{ Body []gateway.MQTTPreset }

func (s *Server) getMQTTPresets(context.Context, *none) (*presetsOut, error) {
	return &presetsOut{Body: gateway.MQTTPresets()}, nil
}

// MQTTUserEdit is an MQTT user as a form sends it.
type MQTTUserEdit struct {
	User     gateway.MQTTUser `json:"user"`
	Password string           `json:"password,omitempty" maxLength:"512" format:"password" doc:"8 to 128 characters; empty keeps the password"`
	// Generate asks for a random password in place of Password.
	Generate bool `json:"generate,omitempty" doc:"Make a random password, which the answer shows this once"`
}

// MQTTUserSaved is an MQTT user as it is now.
type MQTTUserSaved struct {
	User gateway.MQTTUser `json:"user"`
	// Password is the one that was made; it cannot be shown again.
	Password string `json:"password,omitempty" doc:"The random password, if one was asked for; it cannot be shown again"`
}

type (
	addMQTTUserIn    struct{ Body MQTTUserEdit }
	changeMQTTUserIn struct {
		Name string `path:"name"`
		Body MQTTUserEdit
	}
	mqttUserOut struct{ Body MQTTUserSaved }
)

// password is the one of the form, or a new one; made is what has to be shown.
func (e *MQTTUserEdit) password() (password, made string, err error) {
	switch {
	case !e.Generate:
		return e.Password, "", nil
	case e.Password != "":
		return "", "", gateway.FieldErrorf("generate", "give a password or have one made, not both")
	}
	made = rand.Text()
	return made, made, nil
}

func (s *Server) addMQTTUser(ctx context.Context, in *addMQTTUserIn) (*mqttUserOut, error) {
	password, made, err := in.Body.password()
	if err != nil {
		return nil, err
	}
	s.noteMQTTUser(ctx, &in.Body.User, in.Body.User.Name, password)
	user, err := s.MQTTUsers.AddMQTTUser(ctx, in.Body.User, password, visitorOf(ctx).user.Name)
	if err != nil {
		return nil, inUser(err)
	}
	return &mqttUserOut{Body: MQTTUserSaved{User: user, Password: made}}, nil
}

func (s *Server) changeMQTTUser(ctx context.Context, in *changeMQTTUserIn) (*mqttUserOut, error) {
	if in.Body.User.Name != in.Name {
		return nil, errNameChanges(in.Name)
	}
	password, made, err := in.Body.password()
	if err != nil {
		return nil, err
	}
	s.noteMQTTUser(ctx, &in.Body.User, in.Name, password)
	if err := s.MQTTUsers.ChangeMQTTUser(ctx, in.Body.User, password, visitorOf(ctx).user.Name); err != nil {
		return nil, inUser(err)
	}
	return &mqttUserOut{Body: MQTTUserSaved{User: in.Body.User, Password: made}}, nil
}

func (s *Server) removeMQTTUser(ctx context.Context, in *removeUserIn) (*none, error) {
	s.noteMQTTUser(ctx, nil, in.Name, "")
	return &none{}, s.MQTTUsers.RemoveMQTTUser(ctx, in.Name, visitorOf(ctx).user.Name)
}

// noteMQTTUser notes for the audit log what becomes of an MQTT user; after is nil for one that is removed.
func (s *Server) noteMQTTUser(ctx context.Context, after *gateway.MQTTUser, name, password string) {
	before := found(s.MQTTUsers.MQTTUsers(), func(u gateway.MQTTUser) bool { return u.Name == name })
	noteAccount(ctx, name, before, after, password)
}

type (
	mayMQTTIn  struct{ Body gateway.MQTTQuestion }
	mayMQTTOut struct{ Body gateway.MQTTAnswer }
)

func (s *Server) mayMQTT(_ context.Context, in *mayMQTTIn) (*mayMQTTOut, error) {
	answer, err := s.MQTTUsers.MayMQTT(in.Body)
	return &mayMQTTOut{Body: answer}, err
}

func asFieldError(err error) (*gateway.Error, bool) {
	e, is := errors.AsType[*gateway.Error](err)
	return e, is && e.Field != ""
}
