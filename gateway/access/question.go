package access

import (
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// MayMQTT says what would be answered to a client, and why.
func (a *Access) MayMQTT(q gateway.MQTTQuestion) (gateway.MQTTAnswer, error) {
	if err := checkQuestion(q); err != nil {
		return gateway.MQTTAnswer{}, err
	}
	rights, refused, err := a.rightsFor(q)
	if err != nil || refused != "" {
		return gateway.MQTTAnswer{Reason: refused}, err
	}
	_, topic := mqtt.SplitShare(q.Topic)
	if reserved(q.Action, topic) {
		return gateway.MQTTAnswer{Reason: gateway.CauseReserved}, nil
	}
	rules := rights.InForce()
	v := judgeRules(rules, mqtt.Client{ID: q.ClientID, Username: q.User}, q.Action, topic)
	answer := gateway.MQTTAnswer{Allowed: v.allowed, Reason: gateway.CauseNoRule}
	if v.rule != noRule {
		decided := rules[v.rule]
		answer.Reason, answer.Rule, answer.Decided, answer.Preset = gateway.CauseRule, &v.rule, &decided, rights.Preset
	}
	return answer, nil
}

// rightsFor are what counts for a client, or why it would not get in at all.
func (a *Access) rightsFor(q gateway.MQTTQuestion) (rights *gateway.MQTTRights, refused gateway.MQTTCause, err error) {
	listener, known := a.rights.Load().listeners[q.Listener]
	if q.Listener != "" && !known {
		return nil, "", gateway.FieldErrorf("listener", "there is no listener %q", q.Listener)
	}
	if q.User == "" {
		if q.Listener != "" && !listener.Anonymous {
			return nil, gateway.CauseNoName, nil
		}
		return &anonymous, "", nil
	}
	account, known := a.account(q.User)
	switch {
	case !known:
		return nil, "", gateway.FieldErrorf("user", "there is no user %q", q.User)
	case account.MQTT == nil:
		return nil, gateway.CauseNoRight, nil
	case account.Disabled:
		return nil, gateway.CauseDisabled, nil
	}
	return account.MQTT, "", nil
}

func checkQuestion(q gateway.MQTTQuestion) error {
	var err error
	switch q.Action {
	case gateway.ActionPublish:
		err = mqtt.ValidateTopic(q.Topic)
	case gateway.ActionSubscribe:
		err = mqtt.ValidateFilter(q.Topic)
	default:
		return gateway.FieldErrorf("action", "there is no action %q to ask for: use publish or subscribe", q.Action)
	}
	if err != nil {
		return gateway.FieldErrorf("topic", "%w", err)
	}
	return nil
}
