package main

import (
	"context"
	"fmt"

	"github.com/tidegate/tidegate/gateway"
)

type userMayCommand struct {
	Action   gateway.Action `arg:"" enum:"publish,subscribe" help:"publish or subscribe."`
	Topic    string         `arg:"" help:"A topic to publish to, or a filter to subscribe to."`
	User     string         `help:"Name of the user; without it a client that has none."`
	Client   string         `help:"Client identifier."`
	Listener string         `help:"ID of the listener that the client comes through: local, socket, or a configured one."`
	Gate     gate           `embed:""`
}

// Run prints the answer and why.
func (c userMayCommand) Run(ctx context.Context) error {
	question := gateway.MQTTQuestion{User: c.User, ClientID: c.Client, Listener: c.Listener, Action: c.Action, Topic: c.Topic}
	answer, err := callControl[gateway.MQTTQuestion, gateway.MQTTAnswer](ctx, runtimeDirectory(c.Gate.Runtime), socketName(c.Gate.Demo), "user-may", question)
	if err != nil {
		return err
	}
	fmt.Println(answerText(answer))
	return nil
}

func answerText(answer gateway.MQTTAnswer) string {
	switch answer.Reason {
	case gateway.CauseRule:
		text := fmt.Sprintf("rule %d: %s %s %s", *answer.Rule+1, answer.Decided.Effect, answer.Decided.Action, answer.Decided.Filter)
		if answer.Preset != "" {
			text += " (preset " + answer.Preset + ")"
		}
		if answer.Allowed {
			return "yes, by " + text
		}
		return "no, by " + text
	case gateway.CauseNoRule:
		return "no: no rule has all of this"
	case gateway.CauseReserved:
		return "no: topics that start with $ belong to the broker"
	case gateway.CauseDisabled:
		return "no: the account is disabled"
	case gateway.CauseNoRight:
		return "no: the account has no right to use MQTT"
	case gateway.CauseNoName:
		return "no: this listener lets nobody in without a name"
	}
	return "no: " + string(answer.Reason)
}
