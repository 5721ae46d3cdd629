package out

import (
	"fmt"
	"strings"

	"github.com/leasehold/leasehold/client"
)

type eventJSON struct {
	Kind     string    `json:"kind"`
	Name     string    `json:"name"`
	Zxid     *string   `json:"zxid"`
	Stat     *statJSON `json:"stat"`
	Contents *contents `json:"contents"`
}

// Event prints one event of a watch on one line.
func (p Printer) Event(e client.Event) error {
	j := eventJSON{Kind: e.Kind.String(), Name: e.Name, Zxid: zxid(e.Zxid)}
	if e.Stat.Instance != 0 {
		s := statOf(e.Stat)
		j.Stat = &s
	}
	line := fmt.Sprintf("%-9s %s", j.Kind, e.Name)
	if e.Zxid != 0 {
		line += " " + e.Zxid.String()
	}
	if carriesContents(e.Kind) {
		c := contents(e.Contents)
		j.Contents = &c
		line += " " + shown(e.Contents)
	}
	return p.stream(j, strings.TrimRight(line, " "))
}

// carriesContents: empty contents are contents; other events have none.
func carriesContents(k client.EventKind) bool {
	return k == client.EventCurrent || k == client.EventCreated || k == client.EventModified
}
