package gateway

import (
	"cmp"
	"embed"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

// BridgePreset is what is known of a kind of cloud: what its bridges have in common and what it does not take.
type BridgePreset struct {
	ID   string `json:"id"   yaml:"-"`
	Name string `json:"name" yaml:"name"`
	// Fields are what a new bridge begins with.
	Fields PresetFields `json:"fields" yaml:"fields"`
	// Rules are checked before a bridge is saved; those about messages are also kept while it sends.
	Rules []PresetRule `json:"rules" yaml:"rules"`
	// Advice is what to look for at this cloud when a step of a connection test fails.
	Advice map[BridgeStep]string `json:"advice,omitempty" yaml:"advice"`

	Sources map[string]string `json:"-" yaml:"sources"`
}

// PresetFields are settings of a bridge. Words in capitals in the URL stand for what only the user knows; {host} and
// {clientId} in the user name are filled in when the bridge connects.
type PresetFields struct {
	URL      string `json:"url"                yaml:"url"`
	Version  int    `json:"version,omitempty"  yaml:"version"`
	Username string `json:"username,omitempty" yaml:"username"`
}

// PresetRule is one thing that the cloud demands, with the place where that was read.
type PresetRule struct {
	Rule   string   `json:"rule"             yaml:"rule"`
	Value  int      `json:"value,omitempty"  yaml:"value"`
	Values []string `json:"values,omitempty" yaml:"values"`
	// Source is a page, or repository, path and commit.
	Source string `json:"source" yaml:"source"`
}

//go:embed presets/*.yaml
var presetFiles embed.FS

var presets = sync.OnceValues(loadPresets)

func loadPresets() ([]BridgePreset, error) {
	entries, err := presetFiles.ReadDir("presets")
	if err != nil {
		return nil, fmt.Errorf("list the presets of bridges: %w", err)
	}
	var list []BridgePreset
	for _, entry := range entries {
		text, err := presetFiles.ReadFile("presets/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read a preset of bridges: %w", err)
		}
		p := BridgePreset{ID: strings.TrimSuffix(entry.Name(), ".yaml")}
		if err := yaml.UnmarshalWithOptions(text, &p, yaml.Strict()); err != nil {
			return nil, fmt.Errorf("read the preset %s: %w", p.ID, err)
		}
		for i, rule := range p.Rules {
			p.Rules[i].Source = p.Sources[rule.Source]
		}
		list = append(list, p)
	}
	return list, nil
}

// BridgePresets gives a copy of all presets, sorted by name. It panics when an embedded file is broken, which a test sees.
func BridgePresets() []BridgePreset {
	list, err := presets()
	if err != nil {
		panic(err)
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b BridgePreset) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// PresetOf is the preset of a bridge; the zero preset, without any rules, where it has none.
func PresetOf(b *Bridge) BridgePreset {
	p, _ := find(BridgePresets(), func(p BridgePreset) bool { return p.ID == b.Preset })
	return p
}

// rule finds a rule by its name.
func (p *BridgePreset) rule(name string) (PresetRule, bool) {
	return find(p.Rules, func(r PresetRule) bool { return r.Rule == name })
}

// Limit is the value of a rule; 0 where the preset has no such rule.
func (p *BridgePreset) Limit(rule string) int {
	r, _ := p.rule(rule)
	return r.Value
}

// Has reports whether there is a rule of that name.
func (p *BridgePreset) Has(rule string) bool {
	_, has := p.rule(rule)
	return has
}

// WithPreset fills in what the preset says and the user left open, and keeps the caps within the quotas. It is what the
// bridge runs with, never what is saved.
func (b Bridge) WithPreset() Bridge {
	p := PresetOf(&b)
	b.Version = cmp.Or(b.Version, p.Limit("version"))
	if r, has := p.rule("username"); has && b.Username == "" {
		b.Username = b.place(r.Values[0])
	}
	if r, has := p.rule("alpnOn443"); has && b.TLS.ALPN == "" && b.isMQTTOn443() {
		b.TLS.ALPN = r.Values[0]
	}
	b.Window = within(b.Window, p.Limit("maxWindow"))
	b.Pace.MessagesPerSecond = within(b.Pace.MessagesPerSecond, p.pace("messagesPerSecond"))
	b.Pace.BytesPerSecond = within(b.Pace.BytesPerSecond, p.pace("bytesPerSecond"))
	return b
}

// pace is what keeps a quota in every second: what is saved up for a tenth of a second may go at once beside it.
func (p *BridgePreset) pace(rule string) int { return p.Limit(rule) * 10 / 11 }

// RateWarnings compare what is queued for a bridge with what may be sent: what is too much waits, and the backlog grows.
func (b *Bridge) RateWarnings(measured Rate) []FieldWarning {
	list := []FieldWarning{}
	p, running := PresetOf(b), b.WithPreset()
	compare := func(field, what string, has float64, quota, takes int) {
		if takes == 0 || has <= float64(takes) {
			return
		}
		whose := "this cap lets"
		if quota != 0 {
			whose = p.Name + " lets"
		}
		list = append(list, FieldWarning{Field: "pace." + field, Message: fmt.Sprintf("%.0f %s per second are queued for this bridge, and "+
			"%s %d pass: the backlog grows. Send less often, on change only, or fewer topics", has, what, whose, takes)})
	}
	compare("messagesPerSecond", "messages", measured.Messages, p.Limit("messagesPerSecond"), running.Pace.MessagesPerSecond)
	compare("bytesPerSecond", "bytes", measured.Bytes, p.Limit("bytesPerSecond"), running.Pace.BytesPerSecond)
	return list
}

// FieldWarning is about a field that may stay as it is.
type FieldWarning struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// within is what both allow; 0 is no limit.
func within(own, limit int) int {
	if own == 0 || limit == 0 {
		return max(own, limit)
	}
	return min(own, limit)
}

// place puts the bridge's own into a text of a preset.
func (b *Bridge) place(text string) string {
	host := ""
	if u, err := url.Parse(b.URL); err == nil {
		host = u.Hostname()
	}
	return strings.NewReplacer("{host}", host, "{clientId}", b.ClientID).Replace(text)
}

func (b *Bridge) isMQTTOn443() bool {
	u, err := url.Parse(b.URL)
	return err == nil && u.Scheme == "mqtts" && u.Port() == "443"
}
