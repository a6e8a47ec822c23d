package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tidegate/tidegate/gateway"
)

const (
	// auditTimeout bounds how long an entry waits for the disk, after the answer was sent.
	auditTimeout = 10 * time.Second
	auditPage    = 100
)

// changesNothing are the routes with another method than GET that only look, or end the login of whoever asks. All others
// are in the audit log.
var changesNothing = map[string]bool{
	"login": true, "logout": true, "testDevice": true, "planDevice": true, "findUnits": true, "readRange": true,
	"mayMQTT": true, "identify": true, "previewProfile": true, "previewImport": true, "stageRestore": true, "discardRestore": true,
	"checkBridge": true, "testBridge": true, "testSavedBridge": true, "testBridgeCertificate": true,
}

// note is what a handler knows of its change beyond its route.
type note struct {
	subject  string
	revision int64
	fields   []gateway.FieldChange
}

// noteOf is never nil; without a request what is noted is lost.
func noteOf(ctx context.Context) *note {
	if n := visitorOf(ctx).note; n != nil {
		return n
	}
	return &note{}
}

// audit records a change that was made. What cannot be recorded is an error of the log: the change itself is made.
func (s *Server) audit(c *gin.Context) {
	c.Next()
	r, known := routeOf(c.Request.Method, c.FullPath())
	if !known || r.Method == http.MethodGet || c.Writer.Status() >= http.StatusBadRequest || changesNothing[r.name] {
		return
	}
	v := visitorOf(c.Request.Context())
	entry := gateway.AuditEntry{
		Author: v.user.Name, Address: v.address, Action: r.name,
		Subject: v.note.subject, Revision: v.note.revision, Fields: v.note.fields,
	}
	if entry.Subject == "" {
		entry.Subject = subjectOf(c.Params)
	}
	if entry.Author == "" {
		entry.Author = entry.Subject // set-up makes its author
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), auditTimeout)
	defer cancel()
	if err := s.Audit.Record(ctx, entry); err != nil {
		s.Logger.Error("a change is missing in the audit log", "action", r.name, "author", entry.Author, "error", err)
	}
}

// subjectOf joins the parameters of a path: device/point.
func subjectOf(params gin.Params) string {
	subject := ""
	for i, p := range params {
		if i > 0 {
			subject += "/"
		}
		subject += p.Value
	}
	return subject
}

type (
	auditIn struct {
		Before int64 `query:"before" minimum:"0" doc:"Entries older than the one of this number; 0 begins with the newest"`
	}
	auditOut struct{ Body []gateway.AuditEntry }
)

func (s *Server) getAudit(ctx context.Context, in *auditIn) (*auditOut, error) {
	entries, err := s.Audit.Entries(ctx, in.Before, auditPage)
	return &auditOut{Body: list(entries)}, err
}

// noteAccount notes what becomes of an account: nil before it is made, and after it is removed.
func noteAccount[T any](ctx context.Context, name string, before, after *T, password string) {
	var old, young any
	if before != nil {
		old = *before
	}
	if after != nil {
		young = *after
	}
	n := noteOf(ctx)
	n.subject, n.fields = name, gateway.DiffFields(old, young)
	if password != "" {
		n.fields = append(n.fields, gateway.FieldChange{Field: "password", After: gateway.Redacted})
	}
}

// found is the first item that is meant, or nil.
func found[T any](items []T, is func(T) bool) *T {
	for i := range items {
		if is(items[i]) {
			return &items[i]
		}
	}
	return nil
}
