package out

import (
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

// statJSON is a Stat as the contract has it.
type statJSON struct {
	Name               string   `json:"name"`
	Instance           string   `json:"instance"`
	ContentGeneration  string   `json:"content_generation"`
	ACLGeneration      string   `json:"acl_generation"`
	ChildrenGeneration string   `json:"children_generation"`
	Checksum           string   `json:"checksum"`
	Size               int      `json:"size"`
	Children           int      `json:"children"`
	EphemeralOwner     *string  `json:"ephemeral_owner"`
	Created            *string  `json:"created"`
	Modified           *string  `json:"modified"`
	Zxid               *string  `json:"zxid"`
	Container          bool     `json:"container,omitempty"` // where it is one
	TTL                *float64 `json:"ttl,omitempty"`       // where it has one
}

type fileJSON struct {
	statJSON
	Contents contents `json:"contents"`
}

func statOf(s cell.Stat) statJSON {
	return statJSON{
		Name: string(s.Name), Instance: digits(s.Instance),
		ContentGeneration: digits(s.ContentGeneration), ACLGeneration: digits(s.ACLGeneration),
		ChildrenGeneration: digits(s.ChildrenGeneration), Checksum: digits(s.Checksum),
		Size: s.Size, Children: s.Children, EphemeralOwner: optionalDigits(uint64(s.EphemeralOwner)),
		Created: instant(s.Created), Modified: instant(s.Modified), Zxid: zxid(s.Zxid),
		Container: s.Container, TTL: optional(s.TTL.Seconds()),
	}
}

func statRows(s cell.Stat) rows {
	j := statOf(s)
	table := rows{
		{"name:", j.Name}, {"instance:", j.Instance},
		{"content generation:", j.ContentGeneration}, {"acl generation:", j.ACLGeneration},
		{"children generation:", j.ChildrenGeneration}, {"checksum:", j.Checksum},
		{"size:", number(&s.Size)}, {"children:", number(&s.Children)},
		{"ephemeral owner:", dash(j.EphemeralOwner)}, {"created:", dash(j.Created)},
		{"modified:", dash(j.Modified)}, {"zxid:", dash(j.Zxid)},
	}
	if s.Container {
		table = append(table, []string{"container:", "it goes with its last child"})
	}
	if s.TTL != 0 {
		table = append(table, []string{"time-to-live:", s.TTL.String()})
	}
	return table
}

// Stat prints all that is known of a node.
func (p Printer) Stat(s cell.Stat) error { return p.one(statOf(s), statRows(s), "") }

// File prints a node with its contents; as a value, the contents and nothing else.
func (p Printer) File(f client.File) error {
	table := append(statRows(f.Stat), []string{"contents:", shown(f.Contents)})
	return p.one(fileJSON{statOf(f.Stat), f.Contents}, table, string(f.Contents))
}

// Made prints a node that was made: its name.
func (p Printer) Made(s cell.Stat) error {
	return p.one(statOf(s), rows{{string(s.Name)}}, string(s.Name)+"\n")
}

// Written prints a node that was written: its new generation.
func (p Printer) Written(s cell.Stat) error {
	return p.one(statOf(s), rows{{digits(s.ContentGeneration)}}, "")
}

// nameJSON is what is left to say of a node that is gone.
type nameJSON struct {
	Name string `json:"name"`
}

// Removed prints one node that is gone.
func (p Printer) Removed(name cell.Name) error {
	return p.one(nameJSON{string(name)}, rows{{string(name)}}, "")
}

// List prints nodes by name; long adds the rest in a table.
func (p Printer) List(stats []cell.Stat, long bool) error {
	items := make([]statJSON, len(stats))
	names, table := make(rows, len(stats)), rows{}
	var value strings.Builder
	if long && len(stats) > 0 {
		table = append(table, []string{"NAME", "SIZE", "CHILDREN", "GENERATION", "OWNER", "MODIFIED", "ZXID"})
	}
	for i, s := range stats {
		j := statOf(s)
		items[i], names[i] = j, []string{j.Name}
		value.WriteString(j.Name + "\n")
		if s.ContentGeneration == 0 { // no more may be seen of it
			table = append(table, []string{j.Name, "-", "-", "-", "-", "-", "-"})
			continue
		}
		table = append(table, []string{j.Name, number(&s.Size), number(&s.Children), j.ContentGeneration,
			dash(j.EphemeralOwner), moment(s.Modified), dash(j.Zxid)})
	}
	if !long {
		table = names
	}
	return list(p, items, table, value.String())
}

// Tree prints nodes, parents before their children and siblings together, as a drawing below
// root; in JSON as List does.
func (p Printer) Tree(root cell.Name, stats []cell.Stat) error {
	if p.Format.Machine() {
		return p.List(stats, false)
	}
	drawing := rows{{string(root)}}
	last := lastSiblings(stats)
	open := map[cell.Name]string{root: ""} // the indent below each node
	for i, s := range stats {
		parent, _ := s.Name.Parent()
		indent, branch, below := open[parent], "├── ", "│   "
		if last[i] {
			branch, below = "└── ", "    "
		}
		open[s.Name] = indent + below
		drawing = append(drawing, []string{indent + branch + s.Name.Base()})
	}
	return p.table(drawing)
}

// lastSiblings says of each node whether it is its parent's last.
func lastSiblings(stats []cell.Stat) []bool {
	last, seen := make([]bool, len(stats)), map[cell.Name]bool{}
	for i := len(stats) - 1; i >= 0; i-- {
		parent, _ := stats[i].Name.Parent()
		last[i] = !seen[parent]
		seen[parent] = true
	}
	return last
}
