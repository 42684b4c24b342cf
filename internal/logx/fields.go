package logx

import "strings"

// Field describes one field of a line. Its short name stands in the code and in text, its name of the Elastic Common
// Schema in JSON; the systemd journal has the latter in capitals (see JournalName).
type Field struct {
	Key   string
	ECS   string
	About string
	// same tells that lines that differ in it are not repetitions of each other.
	same bool
}

// Fields lists all fields that the program logs. What is not on the list, such as a new field, stands below
// "posagent." in JSON.
func Fields() []Field {
	return []Field{
		{"action", "event.action", "what the line is about, one of the actions", true},
		{"result", "event.outcome", "success, failure or unknown", true},
		{"reason", "event.reason", "why: the facts that were committed, in their order", false},
		{"event", "event.sequence", "number of the event in the till's journal", false},
		{"error", "error.message", "what went wrong", false},
		{"stack", "error.stack_trace", "where in the program", false},

		{"sale", "posagent.sale.id", "the sale's id, the register's", true},
		{"state", "posagent.sale.state", "the sale's state afterwards", false},
		{"payment", "posagent.payment.id", "merchantTransId", true},
		{"refund", "posagent.refund.id", "the refund's id", true},
		{"trade", "posagent.payment.acquirement_id", "the gateway's id of the trade", false},
		{"from", "posagent.transition.from", "state before", false},
		{"to", "posagent.transition.to", "state afterwards", false},
		{"amount", "posagent.amount.value", "in minor units", false},
		{"currency", "posagent.amount.currency", "ISO 4217", false},
		{"code", "posagent.payment.code", "the payment code, masked: first two and last four digits", false},
		{"by", "posagent.by", "who asked for it, and who allowed it", false},

		{"op", "posagent.message.op", "pay, query, cancel or refund", true},
		{"attempt", "posagent.message.attempt", "number of the message, from 1", false},
		{"trade_status", "posagent.message.trade_status", "the gateway's word for the trade", false},
		{"outcome", "posagent.message.outcome", "success, failure, in_process, not_found, no_answer, not_sent, too_late or refused", true},
		{"result_code", "posagent.message.result_code", "the gateway's result code", true},
		{"class", "posagent.message.class", "what a person can do about the result", false},
		{"detail", "posagent.detail", "more, for whoever looks after the till", false},
		{"took", "posagent.took", "a duration, such as 12.5ms", false},

		{"code_ms", "posagent.step.code_ms", "summary: from the sale's opening until its last code was there, in milliseconds", false},
		{"intent_ms", "posagent.step.intent_ms", "summary: until the intent to pay was on disk", false},
		{"sent_ms", "posagent.step.sent_ms", "summary: until the message left", false},
		{"answered_ms", "posagent.step.answered_ms", "summary: until its answer, or the end of waiting for it", false},
		{"committed_ms", "posagent.step.committed_ms", "summary: until the end was on disk", false},
		{"total_ms", "posagent.step.total_ms", "summary: from the opening to the end", false},
		{"wait_ms", "posagent.step.wait_ms", "summary: from the code to the end: what the customer waits for", false},
		{"attempts", "posagent.attempts", "summary: how many messages went to the gateway", false},
		{"payments", "posagent.payments", "summary: how many codes were tried", false},
		{"end", "posagent.end", "summary: how it ended: the payment's result and what it means for the money", false},

		{"condition", "posagent.condition.code", "what is wrong, a stable word", true},
		{"subject", "posagent.subject", "of what it is said, such as a scanner or a sale", true},
		{"severity", "posagent.condition.severity", "info, warn or blocks_selling", true},
		{"remedy", "posagent.condition.remedy", "what to do", false},
		{"hint", "posagent.hint", "what to do", false},

		{"scanner", "posagent.scanner.name", "a scanner, as it is configured", true},
		{"port", "posagent.scanner.port", "its device file or port", true},
		{"device", "posagent.scanner.device", "what it says of itself", false},
		{"scanner_state", "posagent.scanner.state", "ready, or why not", true},
		{"every", "posagent.scanner.every", "how often it is looked for", false},
		{"unwritten", "posagent.scanner.unwritten", "how many changes were not written, since it comes and goes", false},
		{"scan.source", "posagent.scan.source", "which scanner read a label", true},
		{"scan.class", "posagent.scan.class", "what the label is", true},
		{"scan.symbology", "posagent.scan.symbology", "its kind of barcode", false},
		{"scan.text", "posagent.scan.text", "the label, masked", false},
		{"scan.length", "posagent.scan.length", "its characters", false},

		{"reload", "posagent.configuration.reload", "applied, unchanged, refused or returned", true},
		{"generation", "posagent.configuration.generation", "number of the configuration in force, 1 at a start", false},
		{"changed", "posagent.configuration.changed", "the keys that changed", false},

		{"version", "posagent.version", "the program's version", false},
		{"store", "posagent.store", "the store's number", false},
		{"terminal", "posagent.terminal", "the till's number", false},
		{"gateway", "posagent.gateway", "address of the gateway", false},
		{"configuration", "posagent.configuration", "files of the configuration, in their order", false},
		{"note", "posagent.note", "a remark on the configuration", true},
		{"journal", "file.path", "the journal's file", false},
		{"mode", "file.mode", "its permissions", false},
		{"on", "server.address", "where a listener answers", true},
		{"remote", "client.address", "who tried to reach the admin listener", false},
		{"listener", "posagent.listener", "which way of store IT: admin socket or admin listener", true},
		{"expires", "x509.not_after", "when a certificate expires", false},
		{"path", "url.path", "a request of the local API", true},
		{"request", "posagent.request", "what a supervisor allowed", false},
		{"actor", "user.name", "audit trail: who did it", true},
		{"role", "user.roles", "audit trail: with which right", false},
		{"via", "posagent.via", "audit trail: by which way", false},
		{"supervisor", "posagent.supervisor", "a supervisor's name", true},
		{"wrong_tries", "posagent.wrong_tries", "wrong PINs in a row", false},
		{"wait_until", "posagent.wait_until", "no further try before that", false},
		{"fault", "posagent.fault", "a defect inside the program", false},
		{"message", "posagent.manager.message", "what the service manager should have been told", false},
		{"number", "posagent.shift.number", "a shift's number", false},
		{"open_sales", "posagent.shift.open_sales", "sales that were not settled at its end", false},
		{"sales", "posagent.sales", "how many sales", false},
		{"events", "posagent.events", "how many events of the journal", false},
		{"entries", "posagent.entries", "how many entries of the audit trail", false},
		{"limit", "posagent.limit", "a limit that was passed", false},
		{"in", "posagent.in", "when it is tried again", false},

		{"log_level", "posagent.log.level", "the level from now on", true},
		{"until", "posagent.log.until", "when it goes back by itself", false},
		{"repeated", "posagent.log.repeated", "how often the line came without being written", false},
		{"window", "posagent.log.window", "in which time", false},
		{"lost_debug", "posagent.log.lost_debug", "debug lines that were lost", false},
		{"lost_ordinary", "posagent.log.lost_ordinary", "ordinary lines that were lost", false},
		{"lost_money", "posagent.log.lost_money", "lines about money that were lost; the till's journal has what they said", false},
	}
}

// prefix is where fields stand in JSON that the list does not name.
const prefix = "posagent."

// fieldIndex finds a field by its short name.
func fieldIndex() map[string]Field {
	index := map[string]Field{}
	for _, f := range Fields() {
		index[f.Key] = f
	}
	return index
}

// ecsName is the name of a field that the list does not name: lower case, words joined by "_".
func ecsName(key string) string {
	return prefix + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '_'
	}, key)
}

// JournalName is the name of a field in the systemd journal, which takes capitals, digits and "_" only, at most 64:
// "posagent.sale.id" is POSAGENT_SALE_ID.
func JournalName(ecs string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		case r == '@':
			return -1
		}
		return '_'
	}, ecs)
	return name[:min(len(name), 64)]
}
