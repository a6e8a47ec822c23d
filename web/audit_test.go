package web_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
)

func (p *plant) Record(_ context.Context, entry gateway.AuditEntry) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.recorded = append(p.recorded, entry)
	return p.auditFails
}

func (p *plant) Entries(_ context.Context, before int64, _ int) ([]gateway.AuditEntry, error) {
	return []gateway.AuditEntry{{Number: before - 1, Author: "anna", Action: "addUser"}}, p.fail
}

func TestEachChangeIsInTheAuditLog(t *testing.T) {
	const author = "administrator"
	for _, test := range []struct {
		method, path, body string
		want               gateway.AuditEntry
	}{
		{"POST", "/devices", `{"revision":7,"device":` + newDevice + `}`, gateway.AuditEntry{Action: "addDevice", Subject: "pump", Revision: 8}},
		{"POST", "/revisions/6/rollback", `{"revision":7}`, gateway.AuditEntry{Action: "rollBack", Subject: "6", Revision: 8}},
		{"POST", "/users", `{"user":{"name":"bob","role":"viewer"},"password":"right"}`, gateway.AuditEntry{
			Action: "addUser", Subject: "bob", Fields: []gateway.FieldChange{
				{Field: "name", After: "bob"}, {Field: "role", After: "viewer"}, {Field: "password", After: gateway.Redacted},
			},
		}},
		{"PUT", "/users/alice", `{"user":{"name":"alice","role":"operator"}}`, gateway.AuditEntry{
			Action: "changeUser", Subject: "alice", Fields: []gateway.FieldChange{{Field: "role", Before: "administrator", After: "operator"}},
		}},
		{"DELETE", "/logins/other", "", gateway.AuditEntry{Action: "endLogin", Subject: "bob"}},
		{"POST", "/points/boiler/flow/write", `{"value":1.5}`, gateway.AuditEntry{
			Action: "writePoint", Subject: "boiler/flow", Fields: []gateway.FieldChange{{Field: "value", After: "1.5"}},
		}},
		{"POST", "/alarms/acknowledge", someAlarm, gateway.AuditEntry{Action: "acknowledgeAlarm", Subject: "bridge_parked cloud"}},
		{"POST", "/sessions/disconnect", `{"id":"line 1"}`, gateway.AuditEntry{Action: "disconnectClient", Subject: "line 1"}},
	} {
		p := newPage()
		if got := p.as(gateway.RoleAdministrator, test.method, "/api/v1"+test.path, test.body); got.Code >= 300 {
			t.Fatalf("%s: %d %s", test.path, got.Code, got.Body)
		}
		test.want.Author, test.want.Address = author, "192.0.2.1"
		if diff := cmp.Diff([]gateway.AuditEntry{test.want}, p.recorded); diff != "" {
			t.Errorf("%s %s: %s", test.method, test.path, diff)
		}
	}
}

func TestWhatChangesNothingIsNotInTheAuditLog(t *testing.T) {
	p := newPage()
	p.as(gateway.RoleAdministrator, "POST", "/api/v1/devices/test", `{"device":`+newDevice+`}`)
	p.as(gateway.RoleAdministrator, "GET", "/api/v1/config", "")
	p.as(gateway.RoleAdministrator, "POST", "/api/v1/devices", `{"revision":3,"device":`+newDevice+`}`) // a conflict
	p.as(gateway.RoleViewer, "POST", "/api/v1/devices", `{"revision":7,"device":`+newDevice+`}`)        // not allowed
	if len(p.recorded) > 0 {
		t.Errorf("%+v", p.recorded)
	}
}

func TestAnAuditLogThatCannotBeWrittenIsToldAndTheChangeHolds(t *testing.T) {
	p := newPage()
	p.auditFails = errors.New("the disk is gone")
	if got := p.as(gateway.RoleAdministrator, "POST", "/api/v1/devices", `{"revision":7,"device":`+newDevice+`}`); got.Code != http.StatusOK {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if !strings.Contains(p.log.String(), "missing in the audit log") {
		t.Error("nobody is told")
	}
	entries := mustDecode[[]gateway.AuditEntry](t, p.as(gateway.RoleAdministrator, "GET", "/api/v1/audit?before=5", ""))
	if len(entries) != 1 || entries[0].Number != 4 {
		t.Errorf("%+v", entries)
	}
}
