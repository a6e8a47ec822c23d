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
	_, topic := mqtt.SplitShare(q.Topic)
	rules := anonymous.InForce()
	if q.User != "" {
		account, known := a.account(q.User)
		switch {
		case !known:
			return gateway.MQTTAnswer{}, gateway.FieldErrorf("user", "there is no user %q", q.User)
		case account.MQTT == nil:
			return gateway.MQTTAnswer{Reason: gateway.CauseNoRight}, nil
		case account.Disabled:
			return gateway.MQTTAnswer{Reason: gateway.CauseDisabled}, nil
		}
		rules = account.MQTT.InForce()
	}
	if reserved(q.Action, topic) {
		return gateway.MQTTAnswer{Reason: gateway.CauseReserved}, nil
	}
	v := judgeRules(rules, mqtt.Client{ID: q.ClientID, Username: q.User}, q.Action, topic)
	answer := gateway.MQTTAnswer{Allowed: v.allowed, Reason: gateway.CauseNoRule}
	if v.rule != noRule {
		answer.Reason, answer.Rule = gateway.CauseRule, &v.rule
	}
	return answer, nil
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
