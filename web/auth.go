package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/tidegate/tidegate/gateway"
)

// The cookie of a login. Over HTTPS its name makes the browser insist on Secure, this host and the whole path.
const (
	plainCookie  = "tidegate"
	secureCookie = "__Host-tidegate"
)

// visitor is who a request comes from.
type visitor struct {
	user    gateway.User // empty: not logged in
	role    gateway.Role
	token   string
	loginID string
	address string
	secure  bool // over HTTPS
	// note is for the audit log.
	note *note
}

type visitorKey struct{}

func visitorOf(ctx context.Context) visitor {
	v, _ := ctx.Value(visitorKey{}).(visitor)
	return v
}

// authorize is the one place that decides about routes. What the table does not know is refused.
func (s *Server) authorize(c *gin.Context) {
	v := s.visit(c.Request)
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), visitorKey{}, v))
	matched := c.FullPath()
	if matched == "" {
		return // the page itself, or nothing: see otherPath
	}
	least, known := leastRole(c.Request.Method, matched)
	if err := v.may(least); err != nil || !known {
		writeProblem(c.Writer, s.problem(c.Request.Context(), err))
		c.Abort()
	}
}

// may reports why a visitor may not do what needs a role; nil when it is allowed.
func (v visitor) may(least gateway.Role) error {
	switch {
	case v.role.Allows(least):
		return nil
	case v.user.Name == "":
		return gateway.Errorf(gateway.Unauthorized, "log in first")
	default:
		return gateway.Errorf(gateway.Forbidden, "this needs the role %s, and you are %s: ask an administrator", least, v.role)
	}
}

// visit finds out who a request comes from.
func (s *Server) visit(r *http.Request) visitor {
	v := visitor{address: addressOf(r), secure: r.TLS != nil, note: &note{}}
	if s.PublicView {
		v.role = gateway.RoleViewer
	}
	if secret, is := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); is {
		if user, known := s.Tokens.Bearer(secret); known {
			v.user, v.role = user, user.Role
		}
		return v // whoever brings a token is a machine, also when it is wrong
	}
	cookie, err := r.Cookie(cookieName(v.secure))
	if err != nil {
		return v
	}
	if login, running := s.Access.Session(cookie.Value); running {
		v.user, v.role, v.token, v.loginID = login.User, login.User.Role, cookie.Value, login.ID
	}
	return v
}

func cookieName(secure bool) string {
	if secure {
		return secureCookie
	}
	return plainCookie
}

// loginCookie gives the browser a token; an empty one takes it away.
func loginCookie(token string, secure bool) string {
	cookie := http.Cookie{
		Name: cookieName(secure), Value: token, Path: "/",
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode,
	}
	if token == "" {
		cookie.MaxAge = -1
	}
	return cookie.String()
}

// Visitor is who is looking at the page.
type Visitor struct {
	// SetUpDone reports whether an administrator exists.
	SetUpDone bool `json:"setUpDone" doc:"An administrator exists"`
	Demo      bool `json:"demo" doc:"This is the simulated plant"`
	// PublicView reports whether everybody may look without a login.
	PublicView bool          `json:"publicView" doc:"Everybody may look without a login"`
	User       *gateway.User `json:"user,omitempty" doc:"Absent when nobody is logged in"`
	// GatewayName is what set-up proposes.
	GatewayName string `json:"gatewayName,omitempty" doc:"Name of the gateway; absent when set-up is done"`
}

type visitorOut struct {
	SetCookie string `header:"Set-Cookie" hidden:"true"`
	Body      Visitor
}

func (s *Server) visitorOf(user gateway.User) Visitor {
	v := Visitor{SetUpDone: s.Access.SetUpDone(), Demo: s.Demo != nil, PublicView: s.PublicView}
	if user.Name != "" {
		v.User = &user
	}
	if !v.SetUpDone {
		v.GatewayName = s.Control.Config().Name
	}
	return v
}

type none struct{}

func (s *Server) getSession(ctx context.Context, _ *none) (*visitorOut, error) {
	return &visitorOut{Body: s.visitorOf(visitorOf(ctx).user)}, nil
}

// SetUp makes the first administrator.
type SetUp struct {
	// Token is the one-time token that the gateway prints at its start.
	Token    string `json:"token" maxLength:"200" doc:"The one-time token that the gateway prints at its start"`
	Name     string `json:"name" maxLength:"64"`
	Password string `json:"password" maxLength:"512" format:"password" doc:"8 to 128 characters"`
	// GatewayName and TimeZone are of the gateway and its site; left out, they stay as they are.
	GatewayName string `json:"gatewayName,omitempty" maxLength:"64" doc:"Name of the gateway, which topics begin with; left out: the host name"`
	TimeZone    string `json:"timeZone,omitempty" maxLength:"64" doc:"Time zone of the site, such as Europe/Berlin; left out: that of the machine"`
	// OpenMQTTTLS opens port 8883 on all interfaces for named MQTT users.
	OpenMQTTTLS bool `json:"openMqttTls,omitempty" doc:"Open MQTT over TLS, port 8883, on all interfaces for named MQTT users"`
}

type setUpIn struct{ Body SetUp }

func (s *Server) setUp(ctx context.Context, in *setUpIn) (*visitorOut, error) {
	v := visitorOf(ctx)
	noteOf(ctx).subject = in.Body.Name
	answers := site{in.Body.GatewayName, in.Body.TimeZone}
	if err := answers.validate(); err != nil {
		return nil, err
	}
	login, err := s.Access.SetUp(ctx, in.Body.Token, in.Body.Name, in.Body.Password, v.address)
	if err == nil {
		s.settle(ctx, answers, in.Body.Name)
	}
	if err == nil && in.Body.OpenMQTTTLS {
		s.openLAN(ctx, in.Body.Name)
	}
	return s.loggedIn(v, login, err)
}

// Credentials prove who somebody is.
type Credentials struct {
	Name     string `json:"name" maxLength:"64"`
	Password string `json:"password" maxLength:"512" format:"password"`
}

type loginIn struct{ Body Credentials }

func (s *Server) login(ctx context.Context, in *loginIn) (*visitorOut, error) {
	v := visitorOf(ctx)
	login, err := s.Access.Login(ctx, in.Body.Name, in.Body.Password, v.address)
	return s.loggedIn(v, login, err)
}

func (s *Server) loggedIn(v visitor, login gateway.Login, err error) (*visitorOut, error) {
	if err != nil {
		return nil, err
	}
	if v.token != "" {
		s.Access.Logout(v.token) // a new login never goes on with an old token
	}
	return &visitorOut{SetCookie: loginCookie(login.Token.Reveal(), v.secure), Body: s.visitorOf(login.User)}, nil
}

func (s *Server) logout(ctx context.Context, _ *none) (*visitorOut, error) {
	v := visitorOf(ctx)
	if v.token != "" {
		s.Access.Logout(v.token)
	}
	return &visitorOut{SetCookie: loginCookie("", v.secure), Body: s.visitorOf(gateway.User{})}, nil
}
