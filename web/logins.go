package web

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

// ListedLogin is a login that runs.
type ListedLogin struct {
	gateway.RunningLogin
	// Own is the login that asks.
	Own bool `json:"own"`
}

type loginsOut struct{ Body []ListedLogin }

func (s *Server) getLogins(ctx context.Context, _ *none) (*loginsOut, error) {
	out := &loginsOut{Body: []ListedLogin{}}
	for _, login := range s.Logins.Logins() {
		out.Body = append(out.Body, ListedLogin{RunningLogin: login, Own: login.ID == visitorOf(ctx).loginID})
	}
	return out, nil
}

type endLoginIn struct {
	ID string `path:"id"`
}

func (s *Server) endLogin(ctx context.Context, in *endLoginIn) (*none, error) {
	if login := found(s.Logins.Logins(), func(l gateway.RunningLogin) bool { return l.ID == in.ID }); login != nil {
		noteOf(ctx).subject = login.User.Name
	}
	return &none{}, s.Logins.EndLogin(ctx, in.ID, visitorOf(ctx).user.Name)
}

type tokensOut struct{ Body []gateway.Token }

func (s *Server) getTokens(context.Context, *none) (*tokensOut, error) {
	return &tokensOut{Body: list(s.Tokens.Tokens())}, nil
}

// MadeToken is a new token with its secret.
type MadeToken struct {
	Token gateway.Token `json:"token"`
	// Secret cannot be shown again.
	Secret string `json:"secret" doc:"To be sent as Authorization: Bearer; it cannot be shown again"`
}

type (
	addTokenIn  struct{ Body gateway.NewToken }
	addTokenOut struct{ Body MadeToken }
)

func (s *Server) addToken(ctx context.Context, in *addTokenIn) (*addTokenOut, error) {
	noteAccount(ctx, in.Body.Name, nil, &in.Body, "")
	token, secret, err := s.Tokens.AddToken(ctx, in.Body, visitorOf(ctx).user.Name)
	return &addTokenOut{Body: MadeToken{Token: token, Secret: secret}}, err
}

type removeTokenIn struct {
	ID string `path:"id"`
}

func (s *Server) removeToken(ctx context.Context, in *removeTokenIn) (*none, error) {
	if token := found(s.Tokens.Tokens(), func(t gateway.Token) bool { return t.ID == in.ID }); token != nil {
		noteOf(ctx).subject = token.Name
	}
	return &none{}, s.Tokens.RemoveToken(ctx, in.ID, visitorOf(ctx).user.Name)
}
