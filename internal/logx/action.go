package logx

import "slices"

// Action says what a line is about. It stands in the field "action" (event.action), where programs look for it; the
// words do not change.
type Action string

// The actions.
const (
	ActionStart           Action = "start"
	ActionReady           Action = "ready"
	ActionNotSelling      Action = "not_selling"
	ActionStop            Action = "stop"
	ActionConditionBegins Action = "condition_begins"
	ActionConditionOver   Action = "condition_over"
	ActionLogLevel        Action = "log_level"
	ActionConfiguration   Action = "configuration"
	ActionLogLost         Action = "log_lost"
	ActionJournal         Action = "journal"
	ActionSale            Action = "sale"
	ActionPayment         Action = "payment"
	ActionRefund          Action = "refund"
	ActionSummary         Action = "sale_summary"
	ActionAttention       Action = "attention"
	ActionLateSuccess     Action = "late_success"
	ActionMessage         Action = "message"
	ActionScanner         Action = "scanner"
)

// Event ids of the audit trail's lines, and of lines without an action by level.
const (
	eventAudit = 400
	eventInfo  = 900
	eventWarn  = 901
	eventError = 902
)

// ActionInfo describes an action.
type ActionInfo struct {
	Action Action
	// EventID is the number in the Windows Event Log, from 1 to 1000, as its stock message file demands.
	EventID uint32
	// Money tells that such a line is about somebody's money: it is never left out as a repetition.
	Money bool
	About string
}

// Actions lists all actions in the order of their event ids.
func Actions() []ActionInfo {
	return []ActionInfo{
		{ActionStart, 100, false, "the daemon starts: version, till, gateway, files of the configuration"},
		{ActionReady, 101, false, "sales are taken"},
		{ActionNotSelling, 102, false, "the daemon runs and takes no sale"},
		{ActionStop, 103, false, "the daemon stops"},
		{ActionConditionBegins, 110, false, "something is wrong from now on: disk, clock, gateway, keys"},
		{ActionConditionOver, 111, false, "it is over"},
		{ActionLogLevel, 112, false, "the level of the log was changed, or went back by itself"},
		{ActionConfiguration, 113, false, "the configuration was read again: in force, refused or taken back"},
		{ActionLogLost, 114, false, "lines were lost, because they could not be written in time"},
		{ActionJournal, 120, false, "the till's record: does not open, failed, was not closed"},
		{ActionSale, 200, true, "a sale went from one state to another without a payment: opened, closed"},
		{ActionPayment, 201, true, "a payment went from one state to another"},
		{ActionRefund, 202, true, "a refund went from one state to another"},
		{ActionSummary, 203, true, "a sale ended, or needs a person: its steps and their times"},
		{ActionAttention, 210, true, "a payment or refund needs a person"},
		{ActionLateSuccess, 211, true, "the gateway named money as taken after it was to be undone, or after an end without money"},
		{ActionMessage, 220, true, "one message to the gateway was answered, or not (level debug)"},
		{ActionScanner, 300, false, "a scanner is ready, or not usable"},
	}
}

// actionIndex finds an action by its word.
func actionIndex() map[string]ActionInfo {
	index := map[string]ActionInfo{}
	for _, a := range Actions() {
		index[string(a.Action)] = a
	}
	return index
}

// EventIDs lists the numbers that the Windows Event Log gets, each with its meaning.
func EventIDs() map[uint32]string {
	ids := map[uint32]string{
		eventAudit: "an entry of the audit trail: the action is one of the trail's words",
		eventInfo:  "any other information", eventWarn: "any other warning", eventError: "any other error",
	}
	for _, a := range Actions() {
		ids[a.EventID] = a.About
	}
	return ids
}

// Known tells whether there is such an action.
func (a Action) Known() bool {
	return slices.ContainsFunc(Actions(), func(i ActionInfo) bool { return i.Action == a })
}
