package mutant

import "strings"

// Judged are slips that were looked at and do no harm: the code that comes of them does the same in
// every case that can come, or is a check of ourselves. They are not drawn. A slip belongs here only
// with its reason; one that a test could tell from the code gets that test instead.
var Judged = []Judgement{
	{"lease/lease.go", "off by one", "if d <= 0 {", "<", "of no length nothing is left either way"},
	{"replica/tree/session.go", "off by one", "return len(out) < most", "<=",
		"one more name is looked at and not taken"},
	{"replica/tree/digest.go", "negated", "if b {", "!(b)",
		"two values that stand for yes and no, exchanged: part of no format"},
	{"replica/tree/digest.go", "swapped", "x *= 0x9e3779b97f4a7c15", "", "another hash, as good for what few sessions do"},
	{"master/session/keepalive.go", "off by one", "if number < l.parked.Number {", "<=",
		"a KeepAlive sent again has a new number"},
	{"lease/lease.go", "off by one", "if at <= 0 || at == Never || grid == 0 {", "<",
		"of the first instant nothing is taken off either way"},
	{"master/keepalive.go", "off by one", "for n := 0; n < keepAliveBatch && m.holds(); n++ {", "<=",
		"the bound of one Step's work moved by one"},
	{"master/applied.go", "off by one",
		"m.reaps.landed(m.at.Now, op.Session, a.Gone == op.Session, len(a.Changes) > 0)", ">=",
		"a session whose Reap changed nothing is looked at again at once, and then waits for what keeps it"},
	{"replica/zab/receive.go", "off by one",
		"for n := 0; c.delivers() && c.delivered.Index < to && n < maxDeliver; {", "<=",
		"the bound of one Step's work moved by one; what is read once more is not delivered twice"},
	{"replica/wal/door_posix.go", "off by one", "if st.Bavail <= 0 {", "<", "no blocks are no bytes either way"},
	{"replica/zab/looking.go", "off by one", "if c.now < c.look.told {", "<=",
		"a line that is said every few seconds is said one Step later"},
}

// Judgement is why a slip, at a line of this text, does no harm.
type Judgement struct{ File, Kind, Line, Wrong, Why string }

// judged is why the slip does no harm, or "".
func (s Slip) judged() string {
	for _, j := range Judged {
		if j.File == s.File && j.Kind == s.Kind && j.Line == s.text && (j.Wrong == "" || j.Wrong == s.Wrong) {
			return j.Why
		}
	}
	return ""
}

// textOf is the line of a file in which byte at stands.
func textOf(file string, at int) string {
	from := strings.LastIndexByte(file[:at], '\n') + 1
	line, _, _ := strings.Cut(file[from:], "\n")
	return strings.TrimSpace(line)
}
