package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

func (p *plant) Revisions(context.Context, int) ([]gateway.Revision, error) {
	return []gateway.Revision{{Number: 7, Author: "anna"}, {Number: 6, Time: time.Unix(0, 0).UTC(), Author: "bert"}}, p.fail
}

// Revision is the configuration of now with other names, and 5 with a bridge that went to another address.
func (p *plant) Revision(_ context.Context, number int64) (gateway.Config, error) {
	if number < 5 || number > 7 {
		return gateway.Config{}, gateway.Errorf(gateway.NotFound, "revision %d is not kept any more", number)
	}
	config := newPlant().config
	config.Revision = number
	config.Bridges[0].Password = gateway.Redacted
	config.Devices[0].Name = "Boiler of " + config.Name + map[int64]string{5: "5", 6: "6", 7: "7"}[number]
	if number == 5 {
		config.Bridges[0].URL = "mqtts://elsewhere.example:8883"
	}
	return config, nil
}

func TestRevisions(t *testing.T) {
	p := newPage()
	changes := mustDecode[[]gateway.Change](t, p.as(gateway.RoleAdministrator, "GET", "/api/v1/revisions/7/changes", ""))
	want := []gateway.Change{{
		Object: gateway.ObjectDevice, ID: "boiler", Name: "Boiler of plant7", Kind: gateway.ChangeChanged,
		Fields: []gateway.FieldChange{{Field: "name", Before: "Boiler of plant6", After: "Boiler of plant7"}},
	}}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Error(diff)
	}
	wantProblem(t, p.as(gateway.RoleAdministrator, "GET", "/api/v1/revisions/5/changes", ""), 404, gateway.NotFound, "")

	preview := mustDecode[web.Preview](t, p.as(gateway.RoleAdministrator, "GET", "/api/v1/revisions/6/preview", ""))
	if preview.Revision != 7 || len(preview.Changes) != 1 || preview.Changes[0].Fields[0].After != "Boiler of plant6" || len(preview.Incomplete) != 0 {
		t.Errorf("%+v", preview)
	}
	wantProblem(t, p.as(gateway.RoleAdministrator, "POST", "/api/v1/revisions/6/rollback", `{"revision":6}`), 409, gateway.Conflict, "")
	mustDecode[web.Saved](t, p.as(gateway.RoleAdministrator, "POST", "/api/v1/revisions/6/rollback", `{"revision":7}`))
	now := p.Config()
	if now.Revision != 8 || now.Devices[0].Name != "Boiler of plant6" || now.Bridges[0].Password != canaryPassword || p.author != "administrator" {
		t.Errorf("after the roll-back by %s: %+v", p.author, now)
	}
	mustDecode[web.Saved](t, p.as(gateway.RoleAdministrator, "POST", "/api/v1/revisions/5/rollback", `{"revision":8}`))
	if bridge := p.Config().Bridges[0]; bridge.Password != "" || !bridge.Disabled {
		t.Errorf("a secret went to another address: %+v", bridge)
	}
}

func TestTheConfigurationGoesOutAndComesBack(t *testing.T) {
	p := newPage()
	exported := p.as(gateway.RoleAdministrator, "GET", "/api/v1/config/export", "").Body.Bytes()
	if bytes.Contains(exported, []byte(canaryPassword)) || !bytes.HasPrefix(exported, []byte("# Configuration of")) {
		t.Fatalf("exported:\n%s", exported)
	}
	send := func(path, text string, revision int) *bytes.Buffer {
		body, err := json.Marshal(map[string]any{"document": text, "revision": revision})
		if strings.HasSuffix(path, "preview") {
			body, err = json.Marshal(map[string]any{"document": text})
		}
		if err != nil {
			t.Fatal(err)
		}
		return p.as(gateway.RoleAdministrator, "POST", path, string(body)).Body
	}
	const path = "/api/v1/config/import"
	if got := send(path+"/preview", string(exported), 0).String(); !strings.Contains(got, `"revision":7,"changes":[],"incomplete":[]`) {
		t.Errorf("the preview of what was exported: %s", got)
	}
	changed := strings.Replace(string(exported), "unit: 1", "unit: 9", 1)
	if got := send(path+"/preview", changed, 0).String(); !strings.Contains(got, `{"field":"unit","before":"1","after":"9"}`) {
		t.Errorf("the preview of a change: %s", got)
	}
	if got := send(path, changed, 7).String(); !strings.Contains(got, `"revision":8`) || p.Config().Devices[0].Unit != 9 ||
		p.Config().Bridges[0].Password != canaryPassword {
		t.Errorf("%s: %+v", got, p.Config())
	}
	for text, want := range map[string]string{
		"name: [":                              "not YAML",
		"name: x\nunitt: 3\n":                  "unitt",
		"a: &a [x]\nb: *a\n":                   "aliases",
		"name: x\n---\nname: y\n":              "one YAML document",
		"name: x\ndevices: [{id: d, unit: 1}]": "devices[0]",
	} {
		if got := send(path+"/preview", text, 0).String(); !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %q", text, got, want)
		}
	}
}
