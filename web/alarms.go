package web

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

type acknowledgeIn struct{ Body gateway.AlarmKey }

func (s *Server) acknowledgeAlarm(ctx context.Context, in *acknowledgeIn) (*none, error) {
	noteOf(ctx).subject = string(in.Body.Code) + " " + in.Body.Subject
	return &none{}, s.Alarms.AcknowledgeAlarm(ctx, in.Body, visitorOf(ctx).user.Name)
}

type (
	pastAlarmsIn struct {
		Before  int64  `query:"before"  minimum:"0" doc:"Alarms older than the one of this number; 0 begins with the newest"`
		Limit   int    `query:"limit"   default:"100" minimum:"1" maximum:"500" doc:"The largest number of alarms"`
		Code    string `query:"code"    maxLength:"64" doc:"Those of this code; left out: all"`
		Subject string `query:"subject" maxLength:"200" doc:"A part of the subject, in any case; left out: all"`
	}
	pastAlarmsOut struct{ Body []gateway.AlarmEvent }
)

func (s *Server) getPastAlarms(ctx context.Context, in *pastAlarmsIn) (*pastAlarmsOut, error) {
	events, err := s.Alarms.PastAlarms(ctx, gateway.AlarmQuery{
		Before: in.Before, Limit: in.Limit, Code: gateway.AlarmCode(in.Code), Subject: in.Subject,
	})
	return &pastAlarmsOut{Body: list(events)}, err
}
