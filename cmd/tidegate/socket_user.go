package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/access"
)

// handleUsers lets the owner of the gateway manage its accounts.
func (s *controlSocket) handleUsers(a *access.Access, audit gateway.Audit, logger *slog.Logger) {
	handle(s, "user-list", func(context.Context, userRequest) ([]userLine, error) { return userLines(a), nil })
	change := func(command string, do func(context.Context, userRequest) error) {
		handle(s, command, func(ctx context.Context, in userRequest) ([]userLine, error) {
			if err := do(ctx, in); err != nil {
				return nil, err
			}
			entry := gateway.AuditEntry{Author: in.Author, Action: command, Subject: in.Name}
			if err := audit.Record(context.WithoutCancel(ctx), entry); err != nil {
				logger.Error("a change is missing in the audit log", "action", command, "author", in.Author, "error", err)
			}
			return nil, nil
		})
	}
	change("user-add", func(ctx context.Context, in userRequest) error { return addAccount(ctx, a, in) })
	change("user-passwd", func(ctx context.Context, in userRequest) error {
		return a.SetPassword(ctx, in.Name, in.Password, in.Author)
	})
	handle(s, "user-may", func(_ context.Context, in gateway.MQTTQuestion) (gateway.MQTTAnswer, error) { return a.MayMQTT(in) })
	change("user-remove", func(ctx context.Context, in userRequest) error {
		err := a.RemoveMQTTUser(ctx, in.Name, in.Author)
		if gateway.CodeOf(err) == gateway.NotFound {
			err = a.RemoveUser(ctx, in.Name, in.Author)
		}
		return err
	})
}

func addAccount(ctx context.Context, a *access.Access, in userRequest) error {
	if in.Role == gateway.RoleNone {
		user := gateway.MQTTUser{Name: in.Name, Rights: gateway.MQTTRights{Preset: in.Preset}}
		_, err := a.AddMQTTUser(ctx, user, in.Password, in.Author)
		return err
	}
	person := gateway.Person{User: gateway.User{Name: in.Name, Role: in.Role}}
	if in.Preset != "" {
		person.MQTT = &gateway.MQTTRights{Preset: in.Preset}
	}
	return a.AddUser(ctx, person, in.Password, in.Author)
}

func userLines(a *access.Access) []userLine {
	var lines []userLine
	for _, person := range a.Users() {
		line := userLine{Name: person.Name, Kind: string(person.Role), MQTT: "no MQTT"}
		if person.MQTT != nil {
			line.MQTT = rightsText(person.MQTT)
		}
		lines = append(lines, line)
	}
	for _, user := range a.MQTTUsers() {
		line := userLine{Name: user.Name, Kind: "MQTT", MQTT: rightsText(&user.Rights)}
		if user.Disabled {
			line.MQTT += ", disabled"
		}
		lines = append(lines, line)
	}
	return lines
}

func rightsText(rights *gateway.MQTTRights) string {
	if rights.Preset != "" {
		return rights.Preset
	}
	return fmt.Sprintf("%d rules of its own", len(rights.Rules))
}
