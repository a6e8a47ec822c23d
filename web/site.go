package web

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

// SiteEdit is what the gateway is called, and where it stands.
type SiteEdit struct {
	Revision int64 `json:"revision" doc:"Revision of the configuration from which the form was made"`
	// Name is in the topics of points, and in the client identifiers of bridges.
	Name     string `json:"name" doc:"Part of the topics of points and of the client identifiers of bridges"`
	TimeZone string `json:"timeZone" doc:"A name of the IANA data base, such as Europe/Berlin; empty: that of the machine"`
}

// HistoryEdit is how much of the past is kept.
type HistoryEdit struct {
	Revision int64                 `json:"revision" doc:"Revision of the configuration from which the form was made"`
	History  gateway.HistoryLimits `json:"history"`
}

type (
	siteIn        struct{ Body SiteEdit }
	historyEditIn struct{ Body HistoryEdit }
)

func (s *Server) changeSite(ctx context.Context, in *siteIn) (*savedOut, error) {
	return s.change(ctx, in.Body.Revision, func(config gateway.Config) (gateway.Config, error) {
		config.Name, config.TimeZone = in.Body.Name, in.Body.TimeZone
		return config, nil
	})
}

func (s *Server) changeHistory(ctx context.Context, in *historyEditIn) (*savedOut, error) {
	return s.change(ctx, in.Body.Revision, func(config gateway.Config) (gateway.Config, error) {
		config.History = in.Body.History
		return config, nil
	})
}

// change is an edit that answers with the new revision only.
func (s *Server) change(ctx context.Context, revision int64, edit edit) (*savedOut, error) {
	config, err := s.apply(ctx, revision, sentIDs{}, edit)
	if err != nil {
		return nil, err
	}
	return &savedOut{Body: Saved{Revision: config.Revision}}, nil
}

// site is what set-up has asked for.
type site struct{ name, timeZone string }

func (s site) validate() error {
	if s.name != "" {
		if err := gateway.ValidateID("gatewayName", s.name); err != nil {
			return err
		}
	}
	return gateway.ValidateTimeZone("timeZone", s.timeZone)
}

// settle puts the answers of set-up into force; what was left out stays as it is. The administrator is there by then, and
// can mend in the settings what goes wrong here, so that it is a warning of the log.
func (s *Server) settle(ctx context.Context, answers site, author string) {
	if answers == (site{}) {
		return
	}
	next := shown(s.Control.Config())
	if answers.name != "" {
		next.Name = answers.name
	}
	if answers.timeZone != "" {
		next.TimeZone = answers.timeZone
	}
	if _, err := s.Control.Apply(ctx, next, author); err != nil {
		s.Logger.Warn("name and time zone of set-up are not in force: choose them in the settings", "error", err)
	}
}
