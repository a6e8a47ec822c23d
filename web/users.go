package web

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

type usersOut struct{ Body []gateway.Person }

func (s *Server) getUsers(context.Context, *none) (*usersOut, error) {
	return &usersOut{Body: list(s.Users.Users())}, nil
}

// UserEdit is a person as a form sends it.
type UserEdit struct {
	User gateway.Person `json:"user"`
	// Password is needed for a new person; for one who is there an empty one keeps it.
	Password string `json:"password,omitempty" maxLength:"512" format:"password" doc:"8 to 128 characters; empty keeps the password"`
}

type (
	addUserIn    struct{ Body UserEdit }
	changeUserIn struct {
		Confirmation
		Name string `path:"name"`
		Body UserEdit
	}
	removeUserIn struct {
		Confirmation
		Name string `path:"name"`
	}
	userOut struct{ Body gateway.Person }
)

func (s *Server) addUser(ctx context.Context, in *addUserIn) (*userOut, error) {
	s.notePerson(ctx, &in.Body.User, in.Body.User.Name, in.Body.Password)
	err := s.Users.AddUser(ctx, in.Body.User, in.Body.Password, visitorOf(ctx).user.Name)
	return &userOut{Body: in.Body.User}, inUser(err)
}

func (s *Server) changeUser(ctx context.Context, in *changeUserIn) (*userOut, error) {
	if in.Body.User.Name != in.Name {
		return nil, errNameChanges(in.Name)
	}
	s.notePerson(ctx, &in.Body.User, in.Name, in.Body.Password)
	author := visitorOf(ctx).user.Name
	err := s.tried(ctx, in.Confirmation, gateway.PendingUser, in.Name, author == in.Name, func() error {
		return s.Users.ChangeUser(ctx, in.Body.User, in.Body.Password, author)
	})
	return &userOut{Body: in.Body.User}, inUser(err)
}

func (s *Server) removeUser(ctx context.Context, in *removeUserIn) (*none, error) {
	s.notePerson(ctx, nil, in.Name, "")
	author := visitorOf(ctx).user.Name
	return &none{}, s.tried(ctx, in.Confirmation, gateway.PendingUser, in.Name, author == in.Name, func() error {
		return s.Users.RemoveUser(ctx, in.Name, author)
	})
}

// notePerson notes for the audit log what becomes of a person; after is nil for one who is removed.
func (s *Server) notePerson(ctx context.Context, after *gateway.Person, name, password string) {
	before := found(s.Users.Users(), func(p gateway.Person) bool { return p.Name == name })
	noteAccount(ctx, name, before, after, password)
}

func errNameChanges(name string) error {
	return gateway.FieldErrorf("user.name", "the name of a user never changes: %q", name)
}

// inUser points at the field in the request; the password lies beside the user.
func inUser(err error) error {
	if e, is := asFieldError(err); !is || e.Field == "password" {
		return err
	}
	return gateway.InField("user", err)
}
